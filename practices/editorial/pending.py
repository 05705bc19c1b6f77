"""What waits at an office, and for how long as the office counts."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from config.kit.working_days import begun_before, working_days
from members.accounts.models import User
from members.directory.models import Office
from practices.editorial.models import Revision
from practices.editorial.querysets import RevisionQuerySet

PATIENCE = 5  # working days that an office has for a decision
Pending = list[tuple[Revision, int]]


def zone_of(office: Office) -> ZoneInfo:
    """Return the office's time zone.

    Raises:
        KeyError, OSError, ValueError: nobody knows it (any more).
    """
    return ZoneInfo(office.time_zone)


def zone_or_utc(office: Office) -> ZoneInfo:
    """Return the office's time zone, UTC where nobody knows it: a page must not fail for it."""
    try:
        return zone_of(office)
    except (KeyError, OSError, ValueError):
        return ZoneInfo("UTC")


def count_days(revision: Revision, now: datetime) -> int:
    """Return for how many working days of its office a revision has waited."""
    since = revision.waits_since
    return working_days(since, now, zone_or_utc(revision.deciding_office)) if since else 0


def overdue_q(offices: Iterable[Office], now: datetime) -> Q:
    """Return the condition on `awaiting()` that a row has waited too long, by the clock of its office."""
    found = Q(pk__in=[])
    for office in offices:
        found |= Q(desk=office.pk, since__lt=begun_before(PATIENCE, now, zone_or_utc(office)))
    return found


def pending_at(office: Office, person: User, *, before: datetime) -> Pending:
    """Return what has waited at `office` for `person` since before a time, the oldest first, with its age."""
    rows: RevisionQuerySet = Revision.objects.awaiting_review_by(person).filter(desk=office.pk, since__lt=before)
    now, zone = timezone.now(), zone_of(office)
    related = rows.select_related("publication__owner_member", "publication__owner_office")
    return [(row, working_days(row.since, now, zone)) for row in related]
