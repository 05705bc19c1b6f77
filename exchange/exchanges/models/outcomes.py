"""What came of an exchange, and what each side says of it."""

from typing import ClassVar

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kit.validators import validate_not_far
from exchange.exchanges.models.exchanges import Exchange, Party
from members.accounts.models import User
from practices.library.models import Publication


class Outcome(models.Model):
    """What came of it. A recommendation says who follows it up by when, and is on the list until it is done."""

    class Kind(models.TextChoices):
        RECOMMENDATION = "recommendation", _("Recommendation")
        TAKEN_UP = "taken_up", _("Taken up")
        PUBLICATION = "publication", _("Publication")
        NEW_PROJECT = "new_project", _("New project")

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="outcomes")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    text = models.CharField(_("what"), max_length=500)
    publication = models.ForeignKey(
        Publication, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("publication")
    )
    who = models.CharField(_("who follows it up"), max_length=120, blank=True)
    due_on = models.DateField(_("by when"), null=True, blank=True, validators=[validate_not_far])
    done_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="exchanges_follow_up_of_recommendations",
                condition=Q(kind="recommendation") | Q(who="", due_on=None, done_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.text


class Feedback(models.Model):
    """What one side says of it; the others read it once all have given theirs, or fourteen days after the end."""

    party = models.OneToOneField(Party, on_delete=models.CASCADE, related_name="feedback")
    useful = models.PositiveSmallIntegerField(
        _("how useful was it?"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    text = models.TextField(_("in your words"), blank=True, validators=[MaxLengthValidator(2_000)])
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints: ClassVar = [
            models.CheckConstraint(name="exchanges_useful_one_to_five", condition=Q(useful__gte=1, useful__lte=5))
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.useful}"
