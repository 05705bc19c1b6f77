"""What two or more people, or the members of a group, write to each other, and nobody else reads."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.conversations.models.comments import WORDS
from exchange.conversations.models.groups import Group
from exchange.conversations.querysets import PostQuerySet, ThreadQuerySet
from members.accounts.models import User


class Thread(models.Model):
    """Messages among its readers, or among the members of its group.

    `purpose` names the upper room that opened it and says who its readers are; most have none.
    """

    subject = models.CharField(_("what is it about?"), max_length=120)
    is_subject_hidden = models.BooleanField(default=False)  # with the first message, by a coordinator; see moderation
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="threads")
    purpose = models.SlugField(max_length=40, blank=True)
    begun_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    begun_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField()  # of the last message

    objects: ClassVar[ThreadQuerySet] = ThreadQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("thread")
        verbose_name_plural = _("threads")
        indexes: ClassVar = [models.Index(fields=["last_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conversations:thread_detail", args=[self.pk])

    @property
    def title(self) -> str:
        """The subject as people read it."""
        return gettext("A hidden subject") if self.is_subject_hidden else self.subject

    @property
    def newest_url(self) -> str:
        """Where the first message that is unread stands, or the last of all."""
        return f"{self.get_absolute_url()}#new"


class Reader(models.Model):
    """Somebody in a thread, and how far they have read; whoever has left reads it no more. In a group's, only the mark."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["thread", "user"], name="conversations_reader_once")
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.thread_id}: {self.user_id}"


class Post(models.Model):
    """One message in a thread."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="posts")
    text = models.TextField(_("message"), blank=True, validators=WORDS)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts")
    at = models.DateTimeField(auto_now_add=True)
    hidden_at = models.DateTimeField(null=True, blank=True)  # by a coordinator; see moderation
    mentions = models.ManyToManyField(User, blank=True, related_name="+")

    objects: ClassVar[PostQuerySet] = PostQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes: ClassVar = [models.Index(fields=["thread", "at"]), models.Index(fields=["by", "at"])]

    def __str__(self) -> str:
        return f"{self.thread_id}: {self.text[:40]}"

    def get_absolute_url(self) -> str:
        """Return the address of the page on which it stands, however much was written since."""
        return f"{self.thread.get_absolute_url()}?post={self.pk}#post-{self.pk}"
