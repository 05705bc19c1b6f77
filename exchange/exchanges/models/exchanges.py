"""An exchange between members: what is planned, and who takes part."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_name
from config.kit.time_zones import zone_or_utc
from config.kit.validators import validate_not_far
from exchange.conversations.models import Thread
from exchange.exchanges.querysets import ExchangeQuerySet, PartyQuerySet
from exchange.peers.models import Costs, Format, Introduction, Notice
from members.accounts.models import User, validate_time_zone
from members.directory.models import Member

LONGEST = 5_000  # characters of a text: about two pages
SHORT_ENOUGH = [MaxLengthValidator(LONGEST)]
WAIT_FOR_FEEDBACK = timedelta(days=14)  # after which each side reads the others' without giving its own


class Exchange(models.Model):
    """Two or more members learn from each other, from the proposal to what came of it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        AGREED = "agreed", _("Agreed")
        RUNNING = "running", _("Running")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = (State.PROPOSED, State.AGREED, State.RUNNING)

    class Where(models.TextChoices):
        ON_SITE = "on_site", _("On site")
        ONLINE = "online", _("Online")

    class Ended(models.TextChoices):
        """Why it was given up without anybody having written a reason."""

        ALONE = "alone", _("The other side has declined.")
        MERGED = "merged", _("The two members have become one.")

    format = models.CharField(_("format"), max_length=16, choices=Format.choices)
    title = models.CharField(_("title"), max_length=100)
    aim = models.TextField(_("what it is for"), validators=SHORT_ENOUGH)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PROPOSED)
    notice = models.ForeignKey(
        Notice, null=True, blank=True, on_delete=models.SET_NULL, related_name="exchanges",
        verbose_name=_("ask or offer it comes from"),
    )  # fmt: skip
    introduction = models.ForeignKey(
        Introduction, null=True, blank=True, on_delete=models.SET_NULL, related_name="exchanges"
    )
    thread = models.OneToOneField(Thread, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    starts_on = models.DateField(
        _("first day"), null=True, blank=True, validators=[validate_not_far]
    )  # days are those of `time_zone`
    ends_on = models.DateField(_("last day"), null=True, blank=True, validators=[validate_not_far])
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    where = models.CharField(_("where"), max_length=7, choices=Where.choices, default=Where.ONLINE)
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link to the meeting"), max_length=500, blank=True)
    languages = ArrayField(models.CharField(max_length=12), verbose_name=_("languages"), default=list, blank=True)
    costs = models.CharField(_("who pays"), max_length=7, choices=Costs.choices, default=Costs.OPEN)
    costs_note = models.CharField(_("how costs are split"), max_length=500, blank=True)
    # What only some formats have, see plans.py.
    plan: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(_("plan"), default=dict, blank=True)
    edition = models.PositiveIntegerField(default=1)  # of the plan; whoever agrees says to which
    # What all sides agreed to last, by field, while a change of it waits for answers; see changing.py.
    agreed_facts: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(
        null=True, blank=True, editable=False, encoder=DjangoJSONEncoder
    )
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)  # when somebody else than the proposer answered first
    agreed_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # completed or cancelled
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    report = models.TextField(_("report"), blank=True, validators=SHORT_ENOUGH)
    # Why it was cancelled, or why nothing came of one that was completed.
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    ended_because = models.CharField(max_length=6, choices=Ended.choices, blank=True)

    objects: ClassVar[ExchangeQuerySet] = ExchangeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        indexes: ClassVar = [models.Index(fields=["state", "starts_on"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="exchanges_days_in_order",
                condition=Q(starts_on=None, ends_on=None)
                | Q(starts_on__isnull=False, ends_on__gte=models.F("starts_on")),
            ),
            models.CheckConstraint(
                name="exchanges_end_says_when",
                condition=Q(state__in=["proposed", "agreed", "running"], ended_at=None)
                | Q(state__in=["completed", "cancelled"], ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="exchanges_cancelled_says_why",
                condition=~Q(state="cancelled") | ~Q(reason="") | ~Q(ended_because=""),
            ),
            models.CheckConstraint(
                name="exchanges_change_waits_for_answers",
                condition=Q(agreed_facts__isnull=True) | Q(state="proposed", agreed_at__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("exchanges:exchange_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_changing(self) -> bool:
        """Whether it was agreed, and a change of that waits for answers."""
        return self.agreed_facts is not None

    @property
    def stands_at(self) -> str:
        """Its state; while a change waits for answers, the one that it has without the change."""
        if not self.is_changing:
            return self.state
        return self.State.RUNNING if self.started_at else self.State.AGREED

    def as_agreed(self) -> dict[str, Any]:
        """Return the plan that all sides agreed to last, by field; empty where no change of it waits."""
        said = self.agreed_facts or {}
        fields: list[Any] = [one for one in self._meta.fields if one.name in said]  # in their order, JSON has none
        return {one.name: one.to_python(said[one.name]) for one in fields}

    @property
    def zone(self) -> ZoneInfo:
        return zone_or_utc(self.time_zone)

    @property
    def why(self) -> str:
        """Why it was given up, or why nothing came of it; what nobody has written is in the reader's language."""
        return self.reason or str(self.get_ended_because_display())

    @property
    def taking_part(self) -> "list[Party]":
        """Those who were asked, and have neither declined nor left."""
        return [one for one in self.parties.all() if one.is_in]

    @property
    def days(self) -> int:
        """How many days it takes; 0 where that is not known yet."""
        return (self.ends_on - self.starts_on).days + 1 if self.starts_on and self.ends_on else 0

    @property
    def language_names(self) -> list[str]:
        return [language_name(one) for one in self.languages]

    @property
    def feedback_opens_at(self) -> datetime | None:
        """When every side reads all feedback, whether or not it has given its own."""
        return self.ended_at + WAIT_FOR_FEEDBACK if self.ended_at else None


class Party(models.Model):
    """A member in an exchange. What it says of the plan holds for the edition that it was asked about last."""

    class Role(models.TextChoices):
        HOST = "host", _("Host")
        GUEST = "guest", _("Guest")
        MENTOR = "mentor", _("Mentor")
        MENTEE = "mentee", _("Mentee")
        PEER = "peer", _("Peer")
        REVIEWED = "reviewed", _("Reviewed")
        GIVER = "giver", _("Gives")
        RECEIVER = "receiver", _("Receives")

    class State(models.TextChoices):
        INVITED = "invited", _("No answer yet")
        AGREED = "agreed", _("Has agreed")
        DECLINED = "declined", _("Has declined")
        LEFT = "left", _("Takes part no more")  # of its own will, or the others went on without its answer

    OUT = (State.DECLINED, State.LEFT)

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="parties")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="exchange_parties")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices)
    state = models.CharField(_("answer"), max_length=8, choices=State.choices, default=State.INVITED)
    # Who looks after it for the member; nobody once they have left and no liaison is there.
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("person in charge")
    )
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # When it agreed first; it stays so while it is asked about a change.
    joined_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PartyQuerySet] = PartyQuerySet.as_manager()  # type: ignore[assignment]
    asker: str | None  # of rows `with_asker`

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["exchange", "member"], name="exchanges_member_once"),
            models.CheckConstraint(
                name="exchanges_answer_says_when", condition=Q(state="invited") | Q(answered_at__isnull=False)
            ),
            models.CheckConstraint(
                name="exchanges_agreed_has_joined", condition=~Q(state="agreed") | Q(joined_at__isnull=False)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member}: {self.exchange}"

    @property
    def is_in(self) -> bool:
        return self.state not in self.OUT

    @property
    def is_asked_about_change(self) -> bool:
        """Whether it has agreed before, and what waits for its answer is a change of that."""
        return self.joined_at is not None and self.exchange.is_changing

    @property
    def is_inside(self) -> bool:
        """Whether its people read what the others write and plan, see `PartyQuerySet.inside`."""
        return self.is_in and (self.joined_at is not None or self.exchange.agreed_at is None)


class Participant(models.Model):
    """Somebody of a party who takes part: they get the invitations to its sessions."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exchange_participations")

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["party", "user"], name="exchanges_person_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.party}"
