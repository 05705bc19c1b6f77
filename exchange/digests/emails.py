"""The digest as a message: what is asked of it again at the claim, and what it is made of."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial

from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Prepared, Rendered, register
from config.outbox.models import Message
from exchange.digests.composing import Sources, Words, compose_digest, read_words
from exchange.digests.echoes import shown_uptakes
from exchange.digests.fits import read_matches
from exchange.digests.models import Subscription
from exchange.digests.requests import read_requests
from exchange.digests.schedule import CLOSEST, in_daytime
from exchange.digests.talk import read_talk
from exchange.digests.waiting import Waiting, read_waiting
from members.directory.querysets import read_roles
from members.directory.rules import Roles, roles_of
from practices.library.models import Publication
from practices.uptake.models import Uptake


def preview_digest(message: Message, subscription: Subscription) -> Rendered | None:
    """Return the digest as it would be now; call it under the reader's language. None where it would be empty."""
    roles = roles_of(subscription.user)
    return compose_digest(message, subscription, roles, _read_sources([message], {subscription.user_id: roles}))


def _prepare(messages: Sequence[Message]) -> list[Prepared]:
    """Ask whether the readers still want theirs and belong to the network, and read what the digests are made of."""
    subscriptions = Subscription.objects.for_readers([one.user_id for one in messages if one.user_id])
    roles = {user: read_roles(one.user, one) for user, one in subscriptions.items()}
    waiting = {pk: roles[pk] for pk, one in subscriptions.items() if Subscription.Section.WAITING in one.sections}
    sources = _read_sources(messages, waiting)
    return [_prepare_one(one, subscriptions.get(one.user_id or 0), roles, sources) for one in messages]


def _prepare_one(
    message: Message, subscription: Subscription | None, all_roles: Mapping[int, Roles], sources: Sources
) -> Prepared:
    if subscription is None:
        return Prepared(lambda: None, unwanted="not wanted any more")
    roles = all_roles[subscription.user_id]
    if not roles.in_network:
        return Prepared(lambda: None, unwanted="the reader has left the network")
    compose = partial(compose_digest, message, subscription, roles, sources)
    return Prepared(compose, hold_until=_hold_until(message, subscription))


def _read_sources(messages: Sequence[Message], asked: Mapping[int, Roles]) -> Sources:
    """Read what may still be shown to everybody in the network; what waits, where the planner saw anything.

    Args:
        asked: those who want to read what waits for their answer, with their roles.
    """
    entries = (entry for one in messages for entry in one.payload["items"])
    chosen = {entry[0] for entry in entries if entry and isinstance(entry[0], int)}
    rows = Publication.objects.published().filter(pk__in=chosen).select_related("owner_member", "owner_office")
    echoes = {pk for one in messages for pk in one.payload.get("echoes", ())}
    waits = any(one.payload.get("waits") for one in messages)
    return Sources(
        publications={row.pk: row for row in rows},
        waiting=read_waiting() if waits else Waiting([]),
        requests=read_requests(asked),
        echoes=_read_echoes(echoes) if echoes else {},
        talk=read_talk(messages),
        fits=read_matches(messages),
        words=_words(int(time.monotonic() // 60)),
    )


def _read_echoes(pks: set[int]) -> dict[int, Uptake]:
    return {row.pk: row for row in shown_uptakes(pks).select_related("member", "publication")}


@lru_cache(maxsize=1)
def _words(_minute: int) -> Words:
    """Return what topics and pathways are called; once a minute is often enough."""
    return read_words()


def _hold_until(message: Message, subscription: Subscription) -> datetime | None:
    """When the mail server was out of reach, what is late waits for the morning, or leaves its place to the next one.

    One that its reader has asked for comes at any hour.
    """
    if message.payload.get("asked"):
        return None
    now = timezone.now()
    start = in_daytime(now, subscription.zone)
    if message.expires_at and start + CLOSEST > message.expires_at:
        return message.expires_at
    return start if start > now else None


DIGEST = register(
    Kind(
        name="digests.digest",
        label=gettext_lazy("Digest"),
        scope="digest",
        priority=Message.Priority.BULK,
        prepare=_prepare,
    )
)
