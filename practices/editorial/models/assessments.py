"""What experts think of what is published."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
    ProhibitNullCharactersValidator,
)
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.accounts.models import User
from practices.editorial.querysets import AssessmentQuerySet
from practices.library.models import Publication

HIGHEST = 4
LONGEST = 5000  # characters of a comment, a reason, a note
WORDS: list[Callable[[Any], None]] = [MaxLengthValidator(LONGEST), ProhibitNullCharactersValidator()]
# The criteria of the rubric, in its order; `rubric.py` explains them.
CRITERIA = ("relevant", "participatory", "impact", "transferable")


def _score() -> "models.PositiveSmallIntegerField[int | None, int | None]":
    return models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(HIGHEST)]
    )


def _comment() -> "models.TextField[str, str]":
    return models.TextField(blank=True, validators=WORDS)


class Assessment(models.Model):
    """One expert's answer to one invitation: a draft until it is submitted, and never changed after that.

    Whoever thinks otherwise later is invited again; an expert's newest answer counts, the older ones are history.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="assessments")
    version = models.PositiveIntegerField()  # of the publication: when invited, and once submitted the one assessed
    expert = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assessments")
    invited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField(auto_now_add=True)
    note = models.TextField(_("note to the expert"), blank=True, validators=WORDS)
    relevant = _score()
    relevant_comment = _comment()
    participatory = _score()
    participatory_comment = _comment()
    impact = _score()
    impact_comment = _comment()
    transferable = _score()
    transferable_comment = _comment()
    shows_name = models.BooleanField(_("Readers may see my name"), default=False)
    reminded_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.TextField(_("reason"), blank=True, validators=WORDS)
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # by a coordinator, before the expert has answered

    objects: ClassVar[AssessmentQuerySet] = AssessmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering: ClassVar = ["invited_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["publication", "expert"],
                condition=Q(submitted_at=None, declined_at=None, withdrawn_at=None),
                name="editorial_one_open_assessment",
            ),
            models.CheckConstraint(
                name="editorial_scores_in_range",
                condition=Q(*((Q(**{name: None}) | Q(**{f"{name}__range": (0, HIGHEST)})) for name in CRITERIA)),
            ),
            models.CheckConstraint(
                name="editorial_submitted_is_whole",
                condition=Q(submitted_at=None)
                | Q(
                    *(Q(**{f"{name}__isnull": False}) & ~Q(**{f"{name}_comment": ""}) for name in CRITERIA),
                    declined_at=None,
                ),
            ),
            models.CheckConstraint(
                name="editorial_withdrawn_is_unanswered",
                condition=Q(withdrawn_at=None) | Q(submitted_at=None, declined_at=None),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["expert", "-invited_at"])]

    def __str__(self) -> str:
        return f"{self.publication}, {self.expert}"

    def get_absolute_url(self) -> str:
        return reverse("editorial:assessment", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.submitted_at is None and self.declined_at is None and self.withdrawn_at is None
