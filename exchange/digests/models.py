"""Who gets a digest, when, and about what."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kit.time_zones import zone_or_utc
from config.vocabulary.models import Pathway, Topic
from exchange.digests.querysets import SubscriptionQuerySet
from members.accounts.models import User, validate_time_zone
from members.directory.models import Member
from practices.library.models import Publication
from practices.search.models import SavedSearch


def all_sections() -> list[str]:
    """Return the sections of a new subscription."""
    return list(Subscription.Section.values)


class Subscription(models.Model):
    """One person's wish. `next_due` is computed in Python alone; `confirmed_no` moves only on `sent`."""

    class Cadence(models.TextChoices):
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")
        NEVER = "never", _("Never")

    class Section(models.TextChoices):
        WAITING = "waiting", _("What waits for you")
        NEW = "new", _("New practices and projects")
        UPTAKE = "uptake", _("Uptake of your practices")
        PEERS = "peers", _("Asks you could answer, and offers that fit yours")

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="subscription")
    cadence = models.CharField(_("how often"), max_length=8, choices=Cadence.choices, default=Cadence.WEEKLY)
    weekday = models.PositiveSmallIntegerField(_("weekday"), default=0, validators=[MaxValueValidator(6)])
    day = models.PositiveSmallIntegerField(
        _("day of the month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    hour = models.PositiveSmallIntegerField(
        _("hour"), default=7, validators=[MinValueValidator(6), MaxValueValidator(20)]
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES, default="en")
    topics = models.ManyToManyField(Topic, blank=True, related_name="+", verbose_name=_("topics"))
    pathways = models.ManyToManyField(Pathway, blank=True, related_name="+", verbose_name=_("pathways"))
    topic_codes: list[str]  # of rows `with_followed`
    pathway_codes: list[str]
    sections = ArrayField(
        models.CharField(max_length=20, choices=Section.choices),
        verbose_name=_("sections"),
        default=all_sections,
        blank=True,
    )
    next_due = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # "send it to me now": the planner's next look does it
    confirmed_no = models.BigIntegerField(default=0)
    last_due = models.DateTimeField(null=True, blank=True)  # the scheduled time that the last digest stood for

    objects: ClassVar[SubscriptionQuerySet] = SubscriptionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_due"]),
            models.Index(fields=["asked_at"], condition=Q(asked_at__isnull=False), name="digests_asked"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="digests_hour_6_to_20", condition=Q(hour__gte=6, hour__lte=20)),
            models.CheckConstraint(name="digests_weekday", condition=Q(weekday__lte=6)),
            models.CheckConstraint(name="digests_day", condition=Q(day__gte=1, day__lte=28)),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_cadence_display()}"

    @property
    def zone(self) -> ZoneInfo:
        return zone_or_utc(self.time_zone)


class Mute(models.Model):
    """Something that a reader does not want in their digest: exactly one of the three."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="mutes")
    publication = models.ForeignKey(Publication, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscription", "publication", "member", "topic"],
                name="digests_muted_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="digests_mutes_one_thing",
                condition=Q(publication__isnull=False, member=None, topic=None)
                | Q(publication=None, member__isnull=False, topic=None)
                | Q(publication=None, member=None, topic__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.publication or self.member or self.topic)


class Alert(models.Model):
    """How far the owner of a saved search has been told of what is new; the planner keeps one of each that is wanted.

    Numbers are those of the journal. `told_no` moves only once a message is `sent`, or where there was nothing to tell.
    """

    search = models.OneToOneField(SavedSearch, on_delete=models.CASCADE, primary_key=True, related_name="alert")
    cadence = models.CharField(max_length=8)  # what `next_due` was worked out for
    next_due = models.DateTimeField(null=True, blank=True)  # None: at once
    told_no = models.BigIntegerField()
    looked_no = models.BigIntegerField()  # up to where the planner has looked
    message_key = models.CharField(max_length=200, blank=True)  # of the last one in the outbox, which it may outlive
    message_no = models.BigIntegerField(default=0)  # up to where that one tells

    class Meta:
        indexes: ClassVar = [models.Index(fields=["next_due"]), models.Index(fields=["looked_no"])]

    def __str__(self) -> str:
        return str(self.search)
