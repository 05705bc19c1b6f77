"""Questions and comments on publications, and what is replied to them."""

from datetime import timedelta
from typing import ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.conversations.querysets import CommentQuerySet
from members.accounts.models import User
from practices.library.models import Publication

LONGEST = 5_000  # characters of a text: about two pages
WORDS = [MaxLengthValidator(LONGEST)]
EDITABLE_FOR = timedelta(minutes=30)


class Comment(models.Model):
    """One question, comment or reply. Replies are one level deep; one reply to a question can be its answer."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        COMMENT = "comment", _("Comment")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    kind = models.CharField(_("question or comment?"), max_length=8, choices=Kind.choices)
    text = models.TextField(_("text"), blank=True, validators=WORDS)  # empty once it is deleted
    language = models.CharField(_("language of your text"), max_length=12)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="comments")
    at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)  # by a coordinator; see moderation
    is_answer = models.BooleanField(default=False)
    marked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    mentions = models.ManyToManyField(User, blank=True, related_name="+")

    objects: ClassVar[CommentQuerySet] = CommentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes: ClassVar = [models.Index(fields=["publication", "at"]), models.Index(fields=["by", "at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent"], condition=Q(is_answer=True), name="conversations_one_answer"
            ),
            models.CheckConstraint(
                name="conversations_answer_is_reply", condition=Q(is_answer=False) | ~Q(parent=None)
            ),
            models.CheckConstraint(
                name="conversations_empty_is_deleted", condition=Q(deleted_at__isnull=False) | ~Q(text="")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.text[:40]}"

    def get_absolute_url(self) -> str:
        """Return the address of the page on which it stands, however much was said since."""
        page = reverse("conversations:publication_talk", args=[self.publication_id])
        return f"{page}?comment={self.pk}#comment-{self.pk}"

    @property
    def is_shown(self) -> bool:
        return self.deleted_at is None and self.hidden_at is None

    @property
    def is_editable(self) -> bool:
        """Whether it is so new that its author may still change the words; readers may have answered it later."""
        return self.is_shown and timezone.now() < self.at + EDITABLE_FOR
