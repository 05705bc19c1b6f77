"""How what is written reaches people: by their choice, for each area and for single things."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exchange.conversations.models.groups import Group
from exchange.conversations.models.threads import Thread
from members.accounts.models import User
from practices.library.models import Publication


class Delivery(models.Model):
    """One person's choices; who has none has those of a new row."""

    class Way(models.TextChoices):
        AT_ONCE = "at_once", _("At once, by e-mail")
        DIGEST = "digest", _("In my digest")
        NEVER = "never", _("Not at all")

    class Area(models.TextChoices):
        QUESTIONS = "questions", _("Questions and comments")
        THREADS = "threads", _("Messages")
        GROUPS = "groups", _("Groups")
        JOINS = "joins", _("Who joins a group")

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    questions = models.CharField(
        _("questions on what you wrote, and replies to you"), max_length=7, choices=Way.choices, default=Way.AT_ONCE
    )
    threads = models.CharField(_("messages to you"), max_length=7, choices=Way.choices, default=Way.AT_ONCE)
    groups = models.CharField(
        _("discussions and meetings in your groups"), max_length=7, choices=Way.choices, default=Way.DIGEST
    )
    joins = models.CharField(
        _("invitations to groups, and who wants to join yours"),
        max_length=7, choices=Way.choices, default=Way.AT_ONCE,
    )  # fmt: skip

    def __str__(self) -> str:
        return str(self.user)


class Following(models.Model):
    """Somebody follows or mutes one thing: exactly one of the three."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    publication = models.ForeignKey(Publication, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    thread = models.ForeignKey(Thread, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    mutes = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "publication", "group", "thread"],
                name="conversations_follows_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="conversations_follows_one_thing",
                condition=Q(publication__isnull=False, group=None, thread=None)
                | Q(publication=None, group__isnull=False, thread=None)
                | Q(publication=None, group=None, thread__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.publication_id or self.group_id or self.thread_id}"
