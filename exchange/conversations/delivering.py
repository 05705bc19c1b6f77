"""Who hears of something, and how: at once by e-mail, in the digest, or not at all."""

from collections.abc import Iterable

from django.db import models

from config.journal.services import record_for
from config.outbox.kinds import Kind
from config.outbox.services import queue_message
from exchange.connections.blocks import blocked_ids
from exchange.conversations.models import Delivery, Following, Thread
from members.accounts.models import User
from practices.library.models import Publication

Way = Delivery.Way


def ways_of(people: Iterable[User], area: str) -> dict[int, str]:
    """Return how each of `people` wants to hear of an area. One query."""
    pks = [one.pk for one in people]
    default = Delivery._meta.get_field(area).get_default()
    chosen = dict(Delivery.objects.filter(user__in=pks).values_list("user", area))
    return {pk: chosen.get(pk, default) for pk in pks}


def followers_of(thing: Publication | Thread, *, mutes: bool) -> frozenset[int]:
    """Return who follows a thing, or who has muted it. One query."""
    name = "thread" if isinstance(thing, Thread) else "publication"
    return frozenset(Following.objects.filter(**{name: thing}, mutes=mutes).values_list("user", flat=True))


def choose_way(*, user: User, thing: Publication | Thread, choice: str) -> None:
    """Follow a thing, mute it, or with any other `choice` neither; once more changes nothing."""
    name = "thread" if isinstance(thing, Thread) else "publication"
    if choice in {"follow", "mute"}:
        Following.objects.update_or_create(user=user, **{name: thing}, defaults={"mutes": choice == "mute"})
    else:
        Following.objects.filter(user=user, **{name: thing}).delete()


def deliver(
    *, obj: models.Model, thing: Publication | Thread, people: Iterable[User], kind: Kind, verb: str, by: User
) -> None:
    """Tell `people` of what `by` wrote, each as they want to hear of it: one e-mail each, or an entry for the digest.

    Nobody hears of their own words, of those of somebody with whom there is a block, or of what they have muted.
    """
    area = Delivery.Area.THREADS if isinstance(thing, Thread) else Delivery.Area.QUESTIONS
    silent = blocked_ids(by) | followers_of(thing, mutes=True) | {by.pk}
    readers = {one.pk: one for one in people if one.is_active and one.pk not in silent}
    ways = ways_of(readers.values(), area)
    for pk in sorted(readers):
        if ways[pk] == Way.AT_ONCE:
            reader = readers[pk]
            queue_message(
                kind=kind, key=f"{obj.pk}:{pk}", to=reader.email, user=reader, language=reader.language,
                payload={"pk": obj.pk},
            )  # fmt: skip
    record_for(people=[readers[pk] for pk in sorted(readers) if ways[pk] == Way.DIGEST], verb=verb, obj=obj, by=by)


def still_wants(user: User, thing: Publication | Thread, by: User | None) -> bool:
    """Whether an e-mail about what `by` wrote is still wanted: asked again when it is about to leave."""
    area = Delivery.Area.THREADS if isinstance(thing, Thread) else Delivery.Area.QUESTIONS
    return (
        by is not None
        and ways_of([user], area)[user.pk] == Way.AT_ONCE
        and user.pk not in followers_of(thing, mutes=True)
        and by.pk not in blocked_ids(user)
    )
