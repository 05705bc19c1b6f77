"""What is new in saved searches: at once, or each day or week at the hour of the digest."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.contrib.contenttypes.models import ContentType
from django.core.signing import BadSignature
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from config.journal.models import Entry
from config.journal.services import number_entries, record
from config.outbox.kinds import Kind
from config.outbox.models import Message
from config.outbox.services import queue_messages
from exchange.digests.alert_emails import ALERT, ALERT_AT_ONCE, LEAVE
from exchange.digests.models import Alert, Subscription
from exchange.digests.schedule import in_daytime, next_due
from members.accounts.models import User
from members.directory.querysets import in_network_q
from members.directory.rules import roles_of
from practices.library.models import Publication, Seen
from practices.search.indexing import still_to_embed
from practices.search.models import SavedSearch
from practices.search.saving import ask

NEVER, AT_ONCE = SavedSearch.Cadence.NEVER, SavedSearch.Cadence.AT_ONCE
CHUNK = 100  # people planned for in one transaction
WINDOW = 1_000  # the newest publications that are looked at
MOST_ITEMS = 8
PATIENCE = timedelta(minutes=15)  # so long a publication may wait for a worker to embed it; then its words have to do
LIFE = timedelta(days=2)  # what could not be sent for so long is told with the next


@dataclass(frozen=True)
class News:
    """What was published: the number in the journal by publication, and up to which number all of it can be found."""

    numbers: Mapping[int, int]
    until: int


def plan_alerts() -> int:
    """Queue what is new for every saved search that is due. Safe at any time, twice, and by two at once.

    Returns:
        How many messages were queued.
    """
    highest, now = number_entries(), timezone.now()
    _keep_alerts(highest, now)
    people = User.objects.filter(in_network_q()).values("pk")
    alerts = Alert.objects.filter(search__user__in=people)
    if not alerts.exists():
        return 0
    news = _read_news(highest, now)
    newest = max((number for number in news.numbers.values() if number <= news.until), default=0)
    due = alerts.filter(Q(next_due__lte=now) | Q(next_due=None, looked_no__lt=newest))
    users = sorted(set(due.values_list("search__user", flat=True)))
    chunks = [users[at : at + CHUNK] for at in range(0, len(users), CHUNK)]
    return sum(_plan_chunk(due.filter(search__user__in=chunk), news, now) for chunk in chunks)


def find_searches(token: str) -> QuerySet[SavedSearch] | None:
    """Return those searches that a link was signed for that are still there; None where nobody signed it."""
    try:
        pks = LEAVE.unsign(token).split("-")
    except BadSignature:
        return None
    return SavedSearch.objects.filter(pk__in=pks).select_related("user")


@transaction.atomic
def stop_alerts(searches: QuerySet[SavedSearch]) -> None:
    """Stop the messages about searches, whoever holds the link; a second time changes nothing."""
    for saved in searches.exclude(cadence=NEVER).select_for_update(of=("self",)):
        saved.cadence = NEVER
        saved.save(update_fields=["cadence"])
        record(verb="unsubscribed", obj=saved, by=saved.user)


def _keep_alerts(highest: int, now: datetime) -> None:
    """Keep an alert of each search that is wanted, as it is wanted; what is new counts from the first look."""
    Alert.objects.filter(search__cadence=NEVER).delete()
    searches = SavedSearch.objects.exclude(cadence=NEVER).filter(Q(alert=None) | ~Q(cadence=F("alert__cadence")))
    rows = list(searches.values_list("pk", "user", "cadence"))
    subscriptions = _subscriptions(user for _, user, _ in rows)
    made = [
        Alert(
            search_id=pk,
            cadence=cadence,
            next_due=_next_due(subscriptions.get(user), cadence, now),
            told_no=highest,
            looked_no=highest,
        )
        for pk, user, cadence in rows
    ]
    Alert.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["search"], update_fields=["cadence", "next_due"]
    )


def _subscriptions(users: Iterable[int]) -> dict[int, Subscription]:
    return {one.user_id: one for one in Subscription.objects.filter(user__in=set(users)).select_related("user")}


def _next_due(subscription: Subscription | None, cadence: str, now: datetime) -> datetime | None:
    """Return when a search is due: at the hour, and on the weekday, of its owner's digest."""
    if cadence == AT_ONCE:
        return None
    when = subscription or Subscription()
    return next_due(
        Subscription(cadence=cadence, weekday=when.weekday, hour=when.hour, time_zone=when.time_zone), after=now
    )


def _read_news(highest: int, now: datetime) -> News:
    """Read what was published up to `highest`, the newest; what is still to be embedded holds back what came after."""
    entries = Entry.objects.filter(
        number__lte=highest,
        verb="published",
        audience=Entry.Audience.NETWORK,
        content_type=ContentType.objects.get_for_model(Publication),
    ).order_by("-number")[:WINDOW]
    rows = [(pk, number or 0, at) for pk, number, at in entries.values_list("object_id", "number", "at")]
    waiting = still_to_embed({pk for pk, _, at in rows if at > now - PATIENCE})
    until = min((number - 1 for pk, number, _ in rows if pk in waiting), default=highest)
    return News({pk: number for pk, number, _ in reversed(rows)}, until)


@transaction.atomic
def _plan_chunk(due: QuerySet[Alert], news: News, now: datetime) -> int:
    """Plan for the people of a chunk, whose alerts nobody else is planning.

    Returns:
        How many messages were queued.
    """
    rows = list(
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("search__user")
        .order_by("search__user", "pk")
    )
    subscriptions = _subscriptions(one.search.user_id for one in rows)
    keys = [one.message_key for one in rows if one.message_key]
    states = dict(Message.objects.filter(key__in=keys).values_list("key", "state"))
    messages: list[Message] = []
    for user_id, mine in groupby(rows, key=lambda one: one.search.user_id):
        # What is on its way is waited for: otherwise two messages would say the same.
        if alerts := [one for one in mine if states.get(one.message_key) not in Message.OPEN]:
            for alert in alerts:
                if states.get(alert.message_key, Message.State.SENT) == Message.State.SENT:  # or forgotten, long after
                    alert.told_no = max(alert.told_no, alert.message_no)
            messages += _plan_reader(alerts, subscriptions.get(user_id), news, now)
    queued = queue_messages(messages)
    Alert.objects.bulk_update(rows, ["next_due", "told_no", "looked_no", "message_key", "message_no"])
    return queued


def _plan_reader(
    alerts: Sequence[Alert], subscription: Subscription | None, news: News, now: datetime
) -> Iterator[Message]:
    """Yield the messages to one reader, and move their alerts on."""
    found = _look(alerts, alerts[0].search.user, news)
    once = [one for one in alerts if one.next_due is None]
    later = [one for one in alerts if one.next_due is not None]
    for group, kind in [*(([one], ALERT_AT_ONCE) for one in once), (later, ALERT)]:
        if with_news := [one for one in group if found[one.pk]]:
            message = _build(with_news, found, kind, subscription, news.until)
            for alert in with_news:
                alert.message_key, alert.message_no = message.key, news.until
            yield message
    for alert in alerts:
        alert.looked_no = max(alert.looked_no, news.until)
        alert.next_due = _next_due(subscription, alert.cadence, now)


def _look(alerts: Sequence[Alert], user: User, news: News) -> dict[int, list[int]]:
    """Return for each alert the publications to be told, the newest first.

    Nothing of the reader's own members and nothing that they have opened. What was told before and did not arrive
    comes again, together with something that is new.
    """
    numbers, found = news.numbers, dict[int, list[int]]()
    recent = {one.pk: {pk for pk, number in numbers.items() if one.told_no < number <= news.until} for one in alerts}
    left_out = _left_out(user, numbers) if any(recent.values()) else set()
    for alert in alerts:
        alert.search.user = user  # whose roles have been read
        new = recent[alert.pk] - left_out
        asked = ask(alert.search) if new else None
        matching = new.intersection(asked.found.ids) if asked and not asked.rests else set()
        fresh = any(numbers[pk] > alert.looked_no for pk in matching)
        found[alert.pk] = sorted(matching, key=lambda pk: -numbers[pk]) if fresh else []
        if not matching:
            alert.told_no = max(alert.told_no, news.until)
    return found


def _left_out(user: User, publications: Collection[int]) -> set[int]:
    """Return which of `publications` a reader has opened, or their own members have published."""
    seen = Seen.objects.filter(user=user, publication__in=publications).values_list("publication", flat=True)
    own = Publication.objects.filter(owner_member__in=roles_of(user).members, pk__in=publications)
    return {*seen, *own.values_list("pk", flat=True)}


def _build(
    alerts: Sequence[Alert],
    found: Mapping[int, list[int]],
    kind: Kind,
    subscription: Subscription | None,
    until: int,
) -> Message:
    """Return the unsaved message. Its payload names `searches` as [search, publications, how many more]."""
    user = alerts[0].search.user
    due = alerts[0].next_due
    now = timezone.now()
    start = in_daytime(now, subscription.zone) if due and subscription else now
    return Message(
        kind=kind.name,
        key=f"{kind.name}:{alerts[0].pk}:{until}:{due:%Y%m%dT%H%M}" if due else f"{kind.name}:{alerts[0].pk}:{until}",
        priority=kind.priority,
        recipient=user.email,
        user=user,
        language=subscription.language if subscription else user.language,
        payload={"searches": [[one.pk, found[one.pk][:MOST_ITEMS], len(found[one.pk][MOST_ITEMS:])] for one in alerts]},
        not_before=start,
        expires_at=start + LIFE,
    )
