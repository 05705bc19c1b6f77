"""Imports: a file, what it would change row by row, what is wrong with it, and what became of it."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.accounts.models import User
from members.directory.models import Member, Office
from practices.editorial.models import Revision
from practices.intake.querysets import BatchQuerySet
from practices.library.models import Publication


class Batch(models.Model):
    """One uploaded table. Nothing of it is in the library before all of it is right and somebody says so."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Waits to be checked")
        CHECKING = "checking", _("Is being checked")
        CHECKED = "checked", _("Checked")
        IMPORTING = "importing", _("Is being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Not imported")
        ABANDONED = "abandoned", _("Given up")

    WORKING = (State.UPLOADED, State.CHECKING, State.IMPORTING)  # a worker should be at it

    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    # Whose the publications are; neither: as the column `owner` says.
    owner_member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    owner_office = models.ForeignKey(Office, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("file"), max_length=255)
    language = models.CharField(max_length=12)  # that the report is written in
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.UPLOADED)
    run = models.PositiveIntegerField(default=0)  # of the check: a worker that was taken for dead has an older one
    row_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)  # rows checked so far
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)  # all there are; fewer may be kept
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(default=timezone.now)  # the last sign of a worker
    checked_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[BatchQuerySet] = BatchQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes: ClassVar = [models.Index(fields=["uploaded_by", "-created_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="intake_at_most_one_owner",
                condition=models.Q(owner_member=None) | models.Q(owner_office=None),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("intake:batch_detail", args=[self.pk])

    @property
    def owner(self) -> Member | Office | None:
        return self.owner_member or self.owner_office

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING

    @property
    def can_import(self) -> bool:
        """Whether it is right and would change anything."""
        return self.state == self.State.CHECKED and not self.problem_count and bool(self.new_count + self.changed_count)


class BatchFile(models.Model):
    """The bytes, kept until the import is over. Nobody can download them, so they need no place among the files."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    batch = models.OneToOneField(Batch, on_delete=models.CASCADE, related_name="file")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    data = models.BinaryField()

    def __str__(self) -> str:
        return str(self.batch)


class BatchRow(models.Model):
    """What a row of the table would make new or change; rows that change nothing have none."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # as a spreadsheet counts: the header is row 1
    publication = models.ForeignKey(Publication, null=True, on_delete=models.CASCADE, related_name="+")  # None: new
    base_version = models.PositiveIntegerField(default=0)  # of the publication, when it was checked
    owner_member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="+")
    owner_office = models.ForeignKey(Office, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Publication.Kind.choices)
    import_id = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=100)
    content: "models.JSONField[dict[str, object], dict[str, object]]" = models.JSONField()  # emptied once imported
    revision = models.OneToOneField(Revision, null=True, on_delete=models.SET_NULL, related_name="intake_row")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["batch", "number"], name="intake_row_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def owner(self) -> Member | Office | None:
        return self.owner_member or self.owner_office


class BatchProblem(models.Model):
    """Why a table cannot be imported as it is."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField()  # 0: the file as a whole
    column = models.CharField(max_length=60, blank=True)
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["row", "pk"]

    def __str__(self) -> str:
        return self.text
