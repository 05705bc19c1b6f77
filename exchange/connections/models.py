"""Who knows whom across members, and who wants to hear nothing from whom."""

from typing import ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from exchange.connections.querysets import ConnectionQuerySet
from members.accounts.models import User

LONGEST = 2_000  # characters of a request's message


class Connection(models.Model):
    """One request and what came of it. Connections are between persons: they outlive their roles at members."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for an answer")
        CONNECTED = "connected", _("Connected")
        DECLINED = "declined", _("Declined")  # silently: whoever asked sees it as waiting
        WITHDRAWN = "withdrawn", _("Withdrawn")
        ENDED = "ended", _("Ended")

    UNANSWERED = (State.WAITING, State.DECLINED)  # as whoever asked sees it
    LIVE = (*UNANSWERED, State.CONNECTED)

    asker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="connections_asked")
    asked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="connections_answered")
    message = models.TextField(_("your message"), validators=[MaxLengthValidator(LONGEST)])
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # withdrawn or ended
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[ConnectionQuerySet] = ConnectionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        indexes: ClassVar = [models.Index(fields=["asker", "asked_at"]), models.Index(fields=["asked", "state"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Least(F("asker"), F("asked")),
                Greatest(F("asker"), F("asked")),
                condition=Q(state__in=["waiting", "declined", "connected"]),
                name="connections_one_a_pair",
            ),
            models.CheckConstraint(name="connections_of_two", condition=~Q(asker=F("asked"))),
        ]

    def __str__(self) -> str:
        return f"{self.asker}, {self.asked} ({self.get_state_display()})"

    def other_id(self, user: User) -> int:
        return self.asked_id if self.asker_id == user.pk else self.asker_id

    def other(self, user: User) -> User:
        """Return the one of the two who is not `user`."""
        return self.asked if self.asker_id == user.pk else self.asker


class Block(models.Model):
    """Somebody wants to hear nothing from somebody, who is not told."""

    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="connections_block_once"),
            models.CheckConstraint(name="connections_block_of_two", condition=~Q(blocker=F("blocked"))),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id}: {self.blocked_id}"


class Leave(models.Model):
    """Somebody who wants no e-mail about connections."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.user)
