"""Who hears of something, and how: at once by e-mail, in the digest, or not at all."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q

from config.journal.services import record_for
from config.outbox.kinds import Kind
from config.outbox.services import queue_message
from exchange.connections.blocks import blocked_ids
from exchange.conversations.models import Delivery, Following, Group, Thread
from members.accounts.models import User
from practices.library.models import Publication

Way = Delivery.Way
Thing = Publication | Thread | Group


def ways_of(people: Iterable[User], area: str) -> dict[int, str]:
    """Return how each of `people` wants to hear of an area. One query."""
    pks = [one.pk for one in people]
    default: str = getattr(Delivery(), area)
    chosen = dict(Delivery.objects.filter(user__in=pks).values_list("user", area))
    return {pk: chosen.get(pk, default) for pk in pks}


def area_of(thing: Thing) -> str:
    """Return for which of a person's choices a thing counts."""
    if isinstance(thing, Publication):
        return Delivery.Area.QUESTIONS
    in_group = isinstance(thing, Group) or thing.group_id is not None
    return Delivery.Area.GROUPS if in_group else Delivery.Area.THREADS


def followers_of(thing: Thing, *, mutes: bool) -> frozenset[int]:
    """Return who follows a thing, or who has muted it; a thread is muted with its group. One query."""
    found = Q(**{_name(thing): thing})
    if isinstance(thing, Thread) and thing.group_id and mutes:
        found |= Q(group=thing.group_id)
    return frozenset(Following.objects.filter(found, mutes=mutes).values_list("user", flat=True))


def _name(thing: Thing) -> str:
    return type(thing)._meta.model_name or ""


def choose_way(*, user: User, thing: Thing, choice: str) -> None:
    """Follow a thing, mute it, or with any other `choice` neither; once more changes nothing."""
    which: dict[str, Any] = {_name(thing): thing}
    if choice in {"follow", "mute"}:
        Following.objects.update_or_create(user=user, **which, defaults={"mutes": choice == "mute"})
    else:
        Following.objects.filter(user=user, **which).delete()


def deliver(
    *, obj: models.Model, thing: Thing, people: Iterable[User], kind: Kind, verb: str, by: User, edition: int = 0
) -> None:
    """Tell `people` of what `by` wrote, each as they want to hear of it: one e-mail each, or an entry for the digest.

    Nobody hears of their own words, of those of somebody with whom there is a block, or of what they have muted.

    Args:
        edition: of `obj`; people hear of each one once.
    """
    area = area_of(thing)
    silent = blocked_ids(by) | followers_of(thing, mutes=True) | {by.pk}
    readers = {one.pk: one for one in people if one.is_active and one.pk not in silent}
    ways = ways_of(readers.values(), area)
    for pk in sorted(readers):
        if ways[pk] == Way.AT_ONCE:
            reader = readers[pk]
            queue_message(
                kind=kind, key=f"{obj.pk}:{edition}:{pk}", to=reader.email, user=reader, language=reader.language,
                payload={"pk": obj.pk, "edition": edition},
            )  # fmt: skip
    record_for(people=[readers[pk] for pk in sorted(readers) if ways[pk] == Way.DIGEST], verb=verb, obj=obj, by=by)


def still_wants(user: User, thing: Thing, by: User | None) -> bool:
    """Whether an e-mail about what `by` wrote is still wanted: asked again when it is about to leave."""
    area = area_of(thing)
    return (
        by is not None
        and ways_of([user], area)[user.pk] == Way.AT_ONCE
        and user.pk not in followers_of(thing, mutes=True)
        and by.pk not in blocked_ids(user)
    )
