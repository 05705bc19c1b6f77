"""Reports of what somebody wrote, and what became of them."""

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from exchange.moderation.querysets import CaseQuerySet
from exchange.moderation.reportables import Reportable, reportable_of
from members.accounts.models import User
from members.directory.models import Office

LONGEST = 2_000  # characters of a reason
WORDS = [MaxLengthValidator(LONGEST)]


class Case(models.Model):
    """One thing that was reported, by one person or by several: while it is not settled, they share the case."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for a decision")
        LEFT = "left", _("Left as it is")
        HIDDEN = "hidden", _("Hidden")
        APPEALED = "appealed", _("Appealed against")
        RESTORED = "restored", _("Shown again after an appeal")
        KEPT = "kept", _("Hidden for good after an appeal")

    AWAITING = (State.OPEN, State.APPEALED)
    OUT_OF_SIGHT = (State.HIDDEN, State.APPEALED, State.KEPT)

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    object_id = models.BigIntegerField()
    object = GenericForeignKey()
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    excerpt = models.TextField(blank=True)  # as it was when it was reported
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decision = models.TextField(_("reason"), blank=True, validators=WORDS)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal = models.TextField(_("appeal"), blank=True, validators=WORDS)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.TextField(_("answer"), blank=True, validators=WORDS)

    objects: ClassVar[CaseQuerySet] = CaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        indexes: ClassVar = [models.Index(fields=["state", "opened_at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["content_type", "object_id"],
                condition=Q(state__in=["open", "hidden", "appealed", "kept"]),
                name="moderation_one_case_a_thing",
            ),
            models.CheckConstraint(
                name="moderation_hidden_has_reason", condition=~Q(state__in=["hidden", "kept"]) | ~Q(decision="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_type_id}:{self.object_id} ({self.get_state_display()})"

    def get_absolute_url(self) -> str:
        return reverse("moderation:case_detail", args=[self.pk])

    @property
    def reportable(self) -> Reportable:
        return reportable_of(self.content_type)

    @property
    def people(self) -> list[User]:
        """Who is told and can appeal: its author, or those who answer for it now."""
        keepers_of = self.reportable.keepers_of
        if keepers_of is None:
            return [self.author] if self.author else []
        return list(keepers_of(self.object)) if self.object else []

    def is_of(self, user: User | AnonymousUser) -> bool:
        return self.reportable.is_of(user, self.object_id, self.author_id)

    @property
    def state_label(self) -> str:
        """What the state is called: a person is not hidden."""
        labels = {
            self.State.HIDDEN: _("May write to nobody"),
            self.State.RESTORED: _("May write again after an appeal"),
            self.State.KEPT: _("May write to nobody, also after an appeal"),
        }
        own = labels.get(self.State(self.state)) if self.reportable.is_person else None
        return str(own or self.get_state_display())

    @property
    def waits_since(self) -> datetime | None:
        return self.appealed_at if self.state == self.State.APPEALED else self.opened_at


class Report(models.Model):
    """What one person says is wrong."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reports")
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(_("what is wrong with it"), validators=WORDS)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "by"], name="moderation_report_once_a_case")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.reason[:40]}"


class Silence(models.Model):
    """Somebody who may write to nobody for now, because coordinators found that they misused it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="silence")
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.user)
