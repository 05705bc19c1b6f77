"""Work in progress: the published row stays what it is until a coordinator approves a revision of it."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.accounts.models import User
from members.directory.models import Office
from practices.editorial.querysets import RevisionQuerySet
from practices.library.models import Publication


class Revision(models.Model):
    """The working copy of a publication, saved as it is typed; once approved, a page of its history."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        IN_REVIEW = "in_review", _("In review")
        CHANGES_REQUESTED = "changes_requested", _("Changes requested")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.CHANGES_REQUESTED)
    EDITABLE = (State.DRAFT, State.CHANGES_REQUESTED)
    AWAITING = (State.SUBMITTED, State.IN_REVIEW)

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="revisions")
    state = models.CharField(_("state"), max_length=18, choices=State.choices, default=State.DRAFT)
    content: "models.JSONField[dict[str, object], dict[str, object]]" = models.JSONField(default=dict)
    base_version = models.PositiveIntegerField(default=0)  # `Publication.version` it was started from
    version = models.PositiveIntegerField(null=True, blank=True)  # of the publication that its approval made
    edition = models.PositiveIntegerField(default=1)  # goes up by one at every save; a stale form names an older one
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    saved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    saved_from = models.CharField(max_length=32, blank=True)  # the window it was last saved from
    submitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Handed over to the office that decides now; empty where that is the owner's own office. It stays with them when
    # it is changed and submitted again.
    handed_to = models.ForeignKey(Office, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    handed_from = models.ForeignKey(Office, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    handed_at = models.DateTimeField(null=True, blank=True)
    handed_reason = models.TextField(blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)  # since it was submitted or handed over last

    objects: ClassVar[RevisionQuerySet] = RevisionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(state__in=["draft", "submitted", "in_review", "changes_requested"]),
                name="editorial_one_open_revision",
            ),
            models.UniqueConstraint(fields=["publication", "version"], name="editorial_one_revision_a_version"),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "submitted_at"])]

    def __str__(self) -> str:
        return f"{self.publication} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        return reverse("editorial:revision_edit", args=[self.pk])

    @property
    def title(self) -> str:
        return str(self.content.get("title") or self.publication.title)

    @property
    def deciding_office(self) -> Office:
        """The office whose coordinators decide now."""
        return self.handed_to or self.publication.reviewing_office

    @property
    def waits_since(self) -> datetime | None:
        """When it came to the office that decides now; None where it was never submitted."""
        return max(filter(None, (self.submitted_at, self.handed_at)), default=None)

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @property
    def is_awaiting(self) -> bool:
        return self.state in self.AWAITING

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Decision(models.Model):
    """What a reviewer decided, and why."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Approve and publish")
        CHANGES_REQUESTED = "changes_requested", _("Ask for changes")
        DECLINED = "declined", _("Decline")

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(_("decision"), max_length=18, choices=Verdict.choices)
    reason = models.TextField(_("reason"), blank=True, max_length=5000)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at"]

    def __str__(self) -> str:
        return f"{self.revision}: {self.get_verdict_display()}"
