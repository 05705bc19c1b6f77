"""What an office writes to many people at once."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.vocabulary.models import Topic
from exchange.announcements.querysets import AnnouncementQuerySet
from members.accounts.models import User
from members.directory.models import Office

LONGEST = 10_000  # characters of a text: about four pages
FIRST_LANGUAGE = "en"  # the one that every announcement is written in


class Announcement(models.Model):
    """An e-mail from an office: to everybody there, or to those who have to do with a topic.

    Whom an office reaches: the world secretariat everybody, another one the people of its members and of the offices
    below it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Going out")
        SENT = "sent", _("Sent")
        STOPPED = "stopped", _("Stopped")

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("from"))
    topic = models.ForeignKey(
        Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("to")
    )
    is_important = models.BooleanField(_("also to those who want no announcements"), default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    edition = models.PositiveIntegerField(default=1)  # goes up by one at every save; a stale form names an older one
    written_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    send_at = models.DateTimeField(null=True, blank=True)
    last_user = models.BigIntegerField(default=0)  # up to whom it is queued, by primary key
    queued_at = models.DateTimeField(null=True, blank=True)  # when it was queued to all of them
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[AnnouncementQuerySet] = AnnouncementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["send_at"], condition=Q(state__in=["scheduled", "sending"]), name="announcements_due")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="announcements_sent_at_some_time", condition=Q(state="draft") | Q(send_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        first = self.text_in(FIRST_LANGUAGE)
        return first.subject if first else ""

    def get_absolute_url(self) -> str:
        return reverse("announcements:announcement_detail", args=[self.pk])

    def text_in(self, language: str) -> "Text | None":
        """Return what it says in `language`, or in the first language where it is not written in that one."""
        texts = {text.language: text for text in self.texts.all()}
        return texts.get(language) or texts.get(FIRST_LANGUAGE)


class Text(models.Model):
    """What an announcement says in one language. The body is Markdown, kept as it was typed."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=12, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"), validators=[MaxLengthValidator(LONGEST)])

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["announcement", "language"], name="announcements_once_a_language")
        ]

    def __str__(self) -> str:
        return self.subject


class Leave(models.Model):
    """Somebody who wants no announcements."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.user)
