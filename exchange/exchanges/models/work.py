"""What is done in an exchange: tasks, notes and files."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.files.models import Blob
from config.kit.validators import validate_not_far
from exchange.exchanges.models.exchanges import SHORT_ENOUGH, Exchange
from members.accounts.models import User


class Task(models.Model):
    """Something to do, or a milestone of a transfer plan."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="tasks")
    what = models.CharField(_("what"), max_length=200)
    is_milestone = models.BooleanField(_("a milestone of the transfer plan"), default=False)
    who = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("who")
    )
    due_on = models.DateField(_("by when"), null=True, blank=True, validators=[validate_not_far])
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering: ClassVar = [models.F("due_on").asc(nulls_last=True), "pk"]

    def __str__(self) -> str:
        return self.what

    @property
    def is_overdue(self) -> bool:
        return self.done_at is None and self.due_on is not None and self.due_on < timezone.localdate()


class Note(models.Model):
    """A text in Markdown for those who take part."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("note"), validators=SHORT_ENOUGH)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]


class Attachment(models.Model):
    """A file for those who take part."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="attachments")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name
