"""What reviewers say among themselves, and what they and the authors say to each other."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.accounts.models import User
from practices.editorial.models.assessments import WORDS
from practices.editorial.models.revisions import Revision
from practices.editorial.querysets import NoteQuerySet, RemarkQuerySet
from practices.library.models import Publication


class Note(models.Model):
    """Internal: of those who decide on a revision, or of those who look after a published text. Authors never see it."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="notes")
    revision = models.ForeignKey(Revision, null=True, blank=True, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("note"), validators=WORDS)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[NoteQuerySet] = NoteQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.publication}: {self.text[:40]}"


class Remark(models.Model):
    """One contribution to the conversation of authors and reviewers about the review of a revision."""

    class Side(models.TextChoices):
        """Where its writer stood when they wrote it: people change their places."""

        AUTHOR = "author", _("Author")
        REVIEWER = "reviewer", _("Reviewer")

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="remarks")
    side = models.CharField(max_length=8, choices=Side.choices)
    text = models.TextField(_("message"), validators=WORDS)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[RemarkQuerySet] = RemarkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.revision}: {self.text[:40]}"
