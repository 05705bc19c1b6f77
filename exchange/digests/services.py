"""Planning digests, asking for one now, changing and leaving a subscription."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import BadSignature
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import number_entries, record
from config.outbox.models import Message
from config.outbox.services import queue_messages, refresh_statistics
from exchange.digests.composing import LEAVE
from exchange.digests.echoes import MOST_ECHOES
from exchange.digests.emails import DIGEST
from exchange.digests.models import Subscription
from exchange.digests.schedule import CLOSEST, in_daytime, latest_due, next_due, period_of
from exchange.digests.selection import Selection, Window, read_window, select_for
from members.accounts.models import User
from members.directory.querysets import in_network_q, role_columns

CHUNK = 1_000
MANY = 1_000  # so many new messages that PostgreSQL's statistics of the outbox are no use any more
NOW_LIFE = timedelta(hours=1)


def plan_digests() -> int:
    """Queue every digest that is due. Safe at any time, twice, and by two at once.

    Returns:
        How many digests were queued.
    """
    add_missing_subscriptions()
    highest = number_entries()
    now = timezone.now()
    if not Subscription.objects.deliverable().due(now).exists():
        return 0
    window = read_window(highest=highest)
    planned, last = 0, 0
    while True:
        queued, last = _plan_chunk(window, now, highest, after=last)
        planned += queued
        if not last:
            break
    if planned >= MANY:
        refresh_statistics()
    return planned


def add_missing_subscriptions() -> None:
    """Give everybody in the network a subscription; they chose to join, and one click leaves."""
    people = User.objects.filter(in_network_q(), subscription=None).distinct()
    Subscription.objects.bulk_create([_new_subscription(user) for user in people], ignore_conflicts=True)


def get_subscription(user: User) -> Subscription:
    """Return the subscription of `user`, as it will be made for them where there is none yet."""
    rows = Subscription.objects.filter(user=user).with_ledger().with_followed()
    return _told(rows)[0] if rows else _new_subscription(user)


@transaction.atomic
def change_subscription(*, subscription: Subscription, values: Mapping[str, Any], by: User) -> Subscription:
    """Keep what a person wishes; `values` are cleaned values of the form.

    Raises:
        PermissionDenied: it is somebody else's.
    """
    if subscription.user_id != by.pk:
        raise PermissionDenied
    if subscription.pk is None:
        add_missing_subscriptions()
    subscription = Subscription.objects.select_for_update().get(user=by)
    before = _when(subscription)
    for name, value in values.items():
        if name not in {"topics", "pathways"}:
            setattr(subscription, name, value)
    subscription.full_clean()
    if _when(subscription) != before:  # else one that is due at this moment would be lost
        subscription.next_due = next_due(subscription, after=timezone.now())
    if subscription.cadence == Subscription.Cadence.NEVER:
        subscription.asked_at = None
    subscription.save(update_fields=[*(set(values) - {"topics", "pathways"}), "next_due", "asked_at"])
    subscription.topics.set(values["topics"])
    subscription.pathways.set(values["pathways"])
    return subscription


@transaction.atomic
def send_now(*, subscription: Subscription, by: User) -> None:
    """Ask for a digest of everything since the last one, at any hour: the planner queues it at its next look.

    Raises:
        PermissionDenied: it is somebody else's.
        ValidationError: there is nothing new, or one is on its way already.
    """
    if subscription.user_id != by.pk:
        raise PermissionDenied
    if subscription.pk is None:
        add_missing_subscriptions()
    locked = Subscription.objects.filter(user=by).with_ledger().select_for_update(of=("self",))
    (subscription,) = _told(locked.select_related("user"))
    if subscription.cadence == Subscription.Cadence.NEVER:
        raise ValidationError(_("You get no digest at present. Choose how often you want one, and save."))
    if subscription.asked_at or _open_digests([by.pk]):
        raise ValidationError(_("Your digest is on its way already."))
    (selection,) = select_for([subscription], highest=number_entries())
    if selection.is_empty:
        raise ValidationError(_("There is nothing new for you since your last digest."))
    subscription.asked_at = timezone.now()
    subscription.save(update_fields=["asked_at"])


def unsubscribe(*, subscription: Subscription) -> None:
    """Stop the digest, whoever holds the link; a second time changes nothing. Other mail goes on."""
    with transaction.atomic():
        stopped = Subscription.objects.filter(pk=subscription.pk).exclude(cadence=Subscription.Cadence.NEVER)
        if stopped.update(cadence=Subscription.Cadence.NEVER, next_due=None, asked_at=None):
            record(verb="unsubscribed", obj=subscription.user, by=subscription.user)


def find_by_token(token: str) -> Subscription | None:
    """Return the subscription that a link was signed for; None where nobody signed it. Links never expire."""
    try:
        pk = int(LEAVE.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Subscription.objects.select_related("user").filter(pk=pk).first()


def build_message(
    subscription: Subscription, selection: Selection, highest: int, *, key: str, now: datetime
) -> Message:
    """Return the unsaved message.

    Its payload names the window (`low`, `high`: numbers of the journal), the `items` as [publication, version, reason,
    about], how many `more` would fit, whether anything `waits` for the reader, the newest `echoes` (uptakes) with how many
    more there are, the `talk` as [verb, comment or message], and what `fits` as [member, its ask or 0, ask or
    offer].
    """
    return Message(
        kind=DIGEST.name,
        key=f"{DIGEST.name}:{subscription.pk}:{key}",
        priority=DIGEST.priority,
        recipient=subscription.user.email,
        user=subscription.user,
        language=subscription.language,
        payload={
            "subscription": subscription.pk,
            "low": subscription.confirmed_no,
            "high": highest,
            "items": [[item.publication, item.version, item.reason, item.about] for item in selection.items],
            "more": selection.more,
            "waits": selection.waits,
            "echoes": selection.echoes[:MOST_ECHOES],
            "more_echoes": len(selection.echoes[MOST_ECHOES:]),
            "talk": [[verb, pk] for verb, pk in selection.talk],
            "fits": [list(pair) for pair in selection.fits],
        },
        not_before=now,
    )


@transaction.atomic
def _plan_chunk(window: Window, now: datetime, highest: int, *, after: int) -> tuple[int, int]:
    """Plan for up to CHUNK subscriptions with a higher key than `after`.

    Returns:
        How many digests were queued, and the last key that was looked at: 0 at the end.
    """
    due = _told(
        Subscription.objects.deliverable()
        .due(now)
        .filter(pk__gt=after)
        .with_ledger()
        .annotate(**role_columns("user"))
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("user")
        .prefetch_related("topics", "pathways")
        .order_by("pk")[:CHUNK]
    )

    if not due:
        return 0, 0
    last = due[-1].pk
    # Whose digest is still on its way waits for the next look: otherwise both would say the same.
    busy = _open_digests([one.user_id for one in due])
    free = [one for one in due if one.user_id not in busy]
    messages = []
    for subscription, selection in zip(free, window.select_for(free), strict=True):
        message = _take_turn(subscription, selection, highest, now)
        if not selection.is_empty:
            messages.append(message)
    _save_turns(free)
    return queue_messages(messages), last


def _save_turns(rows: Sequence[Subscription]) -> None:
    """Write what planning changes, of all rows in one statement; `bulk_update` takes longer than all the rest."""
    columns = {
        "next_due": "timestamptz",
        "asked_at": "timestamptz",
        "last_due": "timestamptz",
        "confirmed_no": "bigint",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Subscription._meta.db_table} AS kept SET {', '.join(f'{one} = turn.{one}' for one in columns)}"  # noqa: S608 - names alone
            f" FROM unnest(%s::bigint[], {', '.join(f'%s::{kind}[]' for kind in columns.values())})"
            f" AS turn (id, {', '.join(columns)}) WHERE kept.id = turn.id",
            [[one.pk for one in rows], *([getattr(one, name) for one in rows] for name in columns)],
        )


def _take_turn(subscription: Subscription, selection: Selection, highest: int, now: datetime) -> Message:
    """Move a due subscription on to its next time, and return the message of this time.

    A time that has come goes before a wish to have it at once: one digest answers both.
    """
    asked, subscription.asked_at = subscription.asked_at, None
    if subscription.next_due is None or subscription.next_due > now:
        message = build_message(subscription, selection, highest, key=f"now:{asked:%Y%m%dT%H%M%S.%f}", now=now)
        message.expires_at = now + NOW_LIFE
        message.payload["asked"] = True
        return message
    # The zone is part of the name: another zone's day of the same date is another day.
    period = f"{subscription.cadence}:{subscription.time_zone}:{period_of(subscription, subscription.next_due)}"
    start = now if asked else in_daytime(now, subscription.zone)
    message = build_message(subscription, selection, highest, key=period, now=start)
    if asked:
        message.payload["asked"] = True
    if selection.is_empty:
        subscription.next_due = next_due(subscription, after=now)
    else:
        subscription.last_due = latest_due(subscription, subscription.next_due, by=now)
        subscription.next_due = message.expires_at = next_due(subscription, after=start + CLOSEST)
    return message


def _told(rows: Iterable[Any]) -> list[Subscription]:
    """Return subscriptions read `with_ledger`, whose `confirmed_no` says how far their readers have been told."""
    found = list(rows)
    for row in found:
        row.confirmed_no = row.read_to
    return found


def _open_digests(users: list[int]) -> set[int]:
    found = Message.objects.filter(kind=DIGEST.name, user__in=users, state__in=Message.OPEN)
    return set(found.filter(user__isnull=False).values_list("user_id", flat=True))


def _when(subscription: Subscription) -> tuple[object, ...]:
    one = subscription
    return one.cadence, one.weekday, one.day, one.hour, one.time_zone


def _new_subscription(user: User) -> Subscription:
    made = Subscription(user=user, language=user.language, time_zone=user.time_zone)
    made.next_due = next_due(made, after=timezone.now())
    return made
