"""When people meet in an exchange, and in whose calendar it stands."""

from typing import ClassVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.time_zones import zone_or_utc
from config.kit.validators import validate_not_far
from exchange.exchanges.models.exchanges import Exchange
from exchange.exchanges.querysets import SessionQuerySet
from members.accounts.models import User, validate_time_zone


class Session(models.Model):
    """A time at which people meet, as it stands in their calendars (RFC 5545)."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="sessions")
    title = models.CharField(_("title"), max_length=100)
    starts_at = models.DateTimeField(_("starts at"), validators=[validate_not_far])
    ends_at = models.DateTimeField(_("ends at"), validators=[validate_not_far])
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link to the meeting"), max_length=500, blank=True)
    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0)  # goes up with each change that calendars must follow
    changed_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SessionQuerySet] = SessionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering: ClassVar = ["starts_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="exchanges_session_in_order", condition=Q(ends_at__gt=models.F("starts_at")))
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return zone_or_utc(self.time_zone)

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def is_outside(self) -> bool:
        """Whether it is before the first day of the exchange or after the last one, as when these were moved."""
        first, last = self.exchange.starts_on, self.exchange.ends_on
        day = self.starts_at.astimezone(self.exchange.zone).date()
        return first is not None and last is not None and not first <= day <= last


class Invitee(models.Model):
    """Who has a session in their calendar, and as which sequence it was sent to them last."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="invitees")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    sequence = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["session", "user"], name="exchanges_invited_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.session}"
