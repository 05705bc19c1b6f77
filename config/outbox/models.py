"""The one way out for e-mail: PostgreSQL is the queue and the ledger.

The protocol (who may write which state when) is in `sender.py` and `ledger.py`, and in docs/outbox.md.
"""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone


class Message(models.Model):
    """One e-mail to one recipient. Its payload holds ids, never text: it is rendered when it is sent."""

    class State(models.TextChoices):
        READY = "ready"
        CLAIMED = "claimed"  # a sender has taken it; nothing has left yet
        SUBMITTING = "submitting"  # the SMTP dialogue for it may have begun
        SENT = "sent"
        RETRY = "retry"  # refused for now (4xx)
        FAILED = "failed"  # refused for good (5xx), or never accepted in time
        SUPPRESSED = "suppressed"
        EMPTY = "empty"  # nothing left to say when it was rendered
        EXPIRED = "expired"
        UNKNOWN = "unknown"  # the sender died while submitting: never sent again by itself

    # Not settled yet: the message may still be sent.
    OPEN = (State.READY, State.CLAIMED, State.SUBMITTING, State.RETRY)

    class Priority(models.IntegerChoices):
        TRANSACTIONAL = 0
        BULK = 10

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.TRANSACTIONAL)
    recipient = models.EmailField(max_length=254)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )  # the index with the kind serves
    language = models.CharField(max_length=12)
    payload: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    template_version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    owner = models.BigIntegerField(null=True, blank=True)  # the key of the sender's advisory lock
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(blank=True)  # the server's last words, or why it was not sent
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["priority", "not_before", "id"],
                condition=models.Q(state__in=["ready", "retry"]),
                name="outbox_waiting",
            ),
            models.Index(
                fields=["owner"], condition=models.Q(state__in=["claimed", "submitting"]), name="outbox_in_hand"
            ),
            models.Index(
                fields=["state", "id"],
                condition=models.Q(state__in=["failed", "suppressed", "empty", "expired", "unknown"]),
                name="outbox_not_sent",
            ),
            models.Index(fields=["recipient", "created_at"]),
            models.Index(
                fields=["user", "kind"]
            ),  # without the id, or stale statistics have it scanned for one message
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient} ({self.state})"

    @property
    def message_id(self) -> str:
        """The Message-ID header: derived from the uuid, so that it is the same at every attempt."""
        return f"<{self.uuid}@{settings.MAIL_DOMAIN}>"


class Suppression(models.Model):
    """An address that wants no mail of a scope, or cannot get any. Only a keyed hash of the address is kept."""

    class Scope(models.TextChoices):
        DIGEST = "digest"
        ALL = "all"  # everything but what an account needs (sign-in, password)

    address_hash = models.CharField(max_length=64)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    reason = models.CharField(max_length=60)
    evidence = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address_hash", "scope"], name="outbox_suppressed_once")
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.reason}"


class Event(models.Model):
    """A change of a message's state. Append-only."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=Message.State.choices)
    owner = models.BigIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)
    fenced = models.BooleanField(default=False)  # a sender left it alone, because somebody else had taken it

    class Meta:
        ordering: ClassVar = ["id"]
        # Rows come in the order of time and stay, so a few bytes a thousand of them find the last hour.
        indexes: ClassVar = [
            BrinIndex(fields=["at"], name="outbox_event_times", pages_per_range=32, autosummarize=True)
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.state}"


class Feedback(models.Model):
    """What the mail service reported of a message later, as it was sent to us. Append-only."""

    service = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200)
    event = models.CharField(max_length=20)  # as django-anymail names it: bounced, complained …
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="feedback")
    recipient = models.CharField(max_length=254, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    original = models.TextField()  # JSON

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "event_id", "event"], name="outbox_reported_once")
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.event} {self.recipient}"
