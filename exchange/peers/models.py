"""What members ask and offer, who fits whom and why, and whom coordinators brought together."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest, Least
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pgvector.django import HalfVectorField

from config.kit.countries import language_name
from config.kit.time_zones import zone_or_utc
from config.vocabulary.models import Pathway, Topic
from exchange.peers.querysets import IntroductionQuerySet, NoticeQuerySet
from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Publication
from practices.search.embedding import DIMENSIONS

LONGEST_TITLE = 100  # characters
LONGEST = 3_000  # characters of a question, or of what can be shared
LONGEST_NOTE = 1_500  # characters of a coordinator's note to both sides
USUAL_WEEKS = 12  # a notice stays open for, if nobody says otherwise
MOST_DAYS = 366  # and at most


class Format(models.TextChoices):
    """The ways in which peers learn from each other."""

    CALL = "call", _("Call")
    MENTORING = "mentoring", _("Mentoring")
    STUDY_VISIT = "study_visit", _("Study visit")
    EXPERT_MISSION = "expert_mission", _("Expert mission")
    PEER_REVIEW = "peer_review", _("Peer review")
    TWINNING = "twinning", _("Twinning")
    TRANSFER_NETWORK = "transfer_network", _("Transfer network")


# What the owner of a publication offers, as a way to learn from each other.
FORMAT_OF: dict[str, str] = {
    Publication.Offer.CALL: Format.CALL,
    Publication.Offer.VISIT: Format.STUDY_VISIT,
    Publication.Offer.MENTORING: Format.MENTORING,
}


class Costs(models.TextChoices):
    """Who pays for travel and time."""

    OWN = "own", _("Each pays their own")
    HOST = "host", _("The host pays")
    GUEST = "guest", _("The guests pay")
    SHARED = "shared", _("Shared")
    NETWORK = "network", _("The network pays")
    OPEN = "open", _("To be agreed")


class Notice(models.Model):
    """An ask or an offer of a member: open until its day, until it is fulfilled, or until somebody closes it."""

    class Kind(models.TextChoices):
        ASK = "ask", pgettext_lazy("noun", "Ask")
        OFFER = "offer", pgettext_lazy("noun", "Offer")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class Because(models.TextChoices):
        """Why it is closed."""

        WITHDRAWN = "withdrawn", _("Its member closed it")
        EXPIRED = "expired", _("Its time is over")
        FULFILLED = "fulfilled", _("An exchange has come of it")

    class Where(models.TextChoices):
        ON_SITE = "on_site", _("On site")
        ONLINE = "online", _("Online")
        EITHER = "either", _("On site or online")

    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.OPEN)
    closed_because = models.CharField(max_length=9, choices=Because.choices, blank=True)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="notices", verbose_name=_("member"))
    # Whoever left the member is in charge no more; until somebody else is, the liaisons are asked.
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="notices",
        verbose_name=_("person in charge"),
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=LONGEST_TITLE)
    text = models.TextField(_("text"), validators=[MaxLengthValidator(LONGEST)])
    language = models.CharField(_("language of the text"), max_length=12)
    topics = models.ManyToManyField(Topic, related_name="+", verbose_name=_("topics"))
    pathways = models.ManyToManyField(Pathway, related_name="+", verbose_name=_("pathways"), blank=True)
    formats = ArrayField(models.CharField(max_length=16, choices=Format.choices), verbose_name=_("format"))
    languages = ArrayField(models.CharField(max_length=12), verbose_name=_("languages you can work in"))
    where = models.CharField(_("where"), max_length=7, choices=Where.choices, default=Where.EITHER)
    places = models.PositiveSmallIntegerField(
        _("how many people"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    closes_on = models.DateField(_("open until"))  # the last day on which it is open
    costs = models.CharField(_("who pays"), max_length=7, choices=Costs.choices, default=Costs.OPEN)
    costs_note = models.CharField(_("about the costs"), max_length=300, blank=True)
    publication = models.ForeignKey(
        Publication, null=True, blank=True, on_delete=models.SET_NULL, related_name="notices",
        verbose_name=_("publication it is about"),
    )  # fmt: skip
    edition = models.PositiveIntegerField(default=1)  # goes up by one at every save; a stale form names an older one
    made_at = models.DateTimeField(default=timezone.now)  # when it was opened first
    opened_at = models.DateTimeField(default=timezone.now)  # when it was opened last
    closed_at = models.DateTimeField(null=True, blank=True)
    import_id = models.SlugField(max_length=120, null=True, blank=True, unique=True, editable=False)
    # Where its words stand, see practices/search/space.py; empty until they were embedded.
    meaning = HalfVectorField(dimensions=DIMENSIONS, null=True, editable=False)
    matched_at = models.DateTimeField(null=True, editable=False)  # empty until somebody has looked for what fits

    objects: ClassVar[NoticeQuerySet] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("ask or offer")
        verbose_name_plural = _("asks and offers")
        indexes: ClassVar = [models.Index(fields=["state", "kind", "-opened_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="peers_closed_says_why",
                condition=Q(state="open", closed_because="", closed_at=None)
                | (Q(state="closed", closed_at__isnull=False) & ~Q(closed_because="")),
            ),
            models.CheckConstraint(
                name="peers_period_in_order",
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=models.F("starts_on")),
            ),
            models.CheckConstraint(name="peers_has_format", condition=Q(formats__len__gte=1)),
            models.CheckConstraint(name="peers_has_language", condition=Q(languages__len__gte=1)),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("peers:notice_detail", args=[self.pk])

    @property
    def is_ask(self) -> bool:
        return self.kind == self.Kind.ASK

    @property
    def asked(self) -> Member | None:
        """The member that an ask is put to, because it is about what they have published."""
        owner = self.publication.owner_member if self.is_ask and self.publication else None
        return owner if owner and owner.is_active and owner.pk != self.member_id else None

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def format_names(self) -> list[str]:
        return [str(Format(one).label) for one in self.formats]

    @property
    def language_names(self) -> list[str]:
        return [language_name(one) for one in self.languages]

    @property
    def is_overdue(self) -> bool:
        """Whether it is open past its last day, as the clocks of the person in charge show it; in UTC where nobody is."""
        zone = zone_or_utc(self.person.time_zone if self.person else "UTC")
        return self.is_open and self.closes_on < timezone.localdate(timezone=zone)

    @property
    def is_ending(self) -> bool:
        """Whether it closes within two weeks."""
        return self.is_open and self.closes_on <= timezone.localdate() + timedelta(days=14)


class Target(models.Model):
    """What is suggested to somebody: an ask or offer, a publication, or a member."""

    to_notice = models.ForeignKey(Notice, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    to_publication = models.ForeignKey(Publication, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    to_member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @property
    def target(self) -> Notice | Publication | Member:
        found = self.to_notice or self.to_publication or self.to_member
        if found is None:  # pragma: no cover - the constraint of each child
            raise ValueError("A suggestion is of something")
        return found

    @property
    def peer(self) -> Member | None:
        """The member behind it; None where an office owns the publication."""
        if self.to_publication:
            return self.to_publication.owner_member
        return self.to_notice.member if self.to_notice else self.to_member


ONE_TARGET = (
    Q(to_notice__isnull=False, to_publication=None, to_member=None)
    | Q(to_notice=None, to_publication__isnull=False, to_member=None)
    | Q(to_notice=None, to_publication=None, to_member__isnull=False)
)


class Match(Target):
    """A suggestion as it was worked out: for an ask or offer of a member, or for the member itself."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="matches")
    notice = models.ForeignKey(Notice, null=True, blank=True, on_delete=models.CASCADE, related_name="matches")
    score = models.FloatField()  # 0 to 1, see scoring.py
    parts: "models.JSONField[dict[str, float], dict[str, float]]" = (
        models.JSONField()
    )  # what it is made of, each 0 to 1
    reasons: "models.JSONField[list[list[Any]], list[list[Any]]]" = models.JSONField()  # see reasons.py
    found_at = models.DateTimeField()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering: ClassVar = ["-score", "pk"]
        constraints: ClassVar = [models.CheckConstraint(name="peers_match_one_target", condition=ONE_TARGET)]

    def __str__(self) -> str:
        return f"{self.notice or self.member}: {self.target}"


class Dismissal(Target):
    """A suggestion that is "not for us", with a reason that the next list learns from."""

    class Reason(models.TextChoices):
        TOPIC = "topic", _("It is about something else")
        SIZE = "size", _("Their size is too different")
        CLIMATE = "climate", _("Their climate is too different")
        PLACE = "place", _("Too far away")
        LANGUAGE = "language", _("We share no language")
        KNOWN = "known", _("We know each other already")
        OTHER = "other", _("Another reason")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="dismissals")
    reason = models.CharField(_("why?"), max_length=8, choices=Reason.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="peers_dismissal_one_target", condition=ONE_TARGET),
            *(
                models.UniqueConstraint(fields=["member", name], name=f"peers_dismissed_once_{name[3:]}")
                for name in ("to_notice", "to_publication", "to_member")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_reason_display()}"


class Introduction(models.Model):
    """A coordinator proposes two members to each other. Each side answers; both are told once both are interested."""

    class Answer(models.TextChoices):
        WAITING = "waiting", _("No answer yet")
        INTERESTED = "interested", _("Interested")
        DECLINED = "declined", _("Not this time")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        AGREED = "agreed", _("Both are interested")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    GOES_ON = (State.PROPOSED, State.AGREED)

    notice = models.ForeignKey(
        Notice, null=True, blank=True, on_delete=models.CASCADE, related_name="introductions",
        verbose_name=_("about this ask or offer"),
    )  # fmt: skip
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="introductions")
    peer = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="introduced_as_peer")
    note = models.TextField(_("note to both"), validators=[MaxLengthValidator(LONGEST_NOTE)])
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    member_answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.WAITING)
    peer_answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.WAITING)
    made_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[IntroductionQuerySet] = IntroductionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")
        constraints: ClassVar = [
            models.CheckConstraint(name="peers_introduces_two", condition=~Q(member=models.F("peer"))),
            models.UniqueConstraint(
                models.F("notice"), Least("member", "peer"), Greatest("member", "peer"), condition=Q(state="proposed"),
                nulls_distinct=False, name="peers_one_open_introduction",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member} and {self.peer}"

    def get_absolute_url(self) -> str:
        return reverse("peers:introduction_detail", args=[self.pk])

    @property
    def answers(self) -> list[tuple[Member, str]]:
        """Both members, each with its answer."""
        return [(self.member, self.member_answer), (self.peer, self.peer_answer)]
