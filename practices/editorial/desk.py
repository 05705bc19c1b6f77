"""The desk of an office: who reviews what, handing over, what lies too long, what waits this week."""

import logging
from collections.abc import Callable
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.accounts.models import User
from members.directory.models import Office
from practices.editorial import emails
from practices.editorial.models import Revision
from practices.editorial.pending import overdue_q, pending_at, zone_of
from practices.editorial.queries import coordinators_of
from practices.editorial.services import lock_for_review
from practices.editorial.transitions import move
from practices.editorial.validators import clean_reason
from practices.library.services import record_act

logger = logging.getLogger(__name__)
MONDAY_MORNING = time(8)


@transaction.atomic
def give_back_revision(*, revision: Revision, by: User) -> Revision:
    """Say that nobody reviews it for now.

    Raises:
        PermissionDenied: `by` may not review it.
        ValidationError: nobody has taken it, or it is decided.
    """
    revision = lock_for_review(revision, by)
    move(revision, "give_back")
    revision.reviewer = None
    revision.save(update_fields=["state", "reviewer"])
    record_act(revision.publication, "review_given_back", by=by, details={"revision": revision.pk})
    return revision


@transaction.atomic
def assign_revision(*, revision: Revision, to: User, by: User) -> Revision:
    """Give the review to a colleague of the office that decides, who is told.

    Raises:
        PermissionDenied: `by` may not review it.
        ValidationError: `to` is no coordinator there who may, has it already, or it is decided.
    """
    revision = lock_for_review(revision, by)
    if to not in coordinators_of(revision.deciding_office) or not to.has_perm("editorial.review_revision", revision):
        raise ValidationError(_("This person may not review it."))
    if revision.is_awaiting and revision.reviewer == to:
        raise ValidationError(_("%(who)s reviews it already.") % {"who": to})
    move(revision, "assign")
    revision.reviewer = to
    revision.save(update_fields=["state", "reviewer"])
    record_act(revision.publication, "review_assigned", by=by, details={"revision": revision.pk, "to": to.pk})
    emails.queue_assigned(revision, by)
    return revision


@transaction.atomic
def hand_over_revision(*, revision: Revision, office: Office, reason: str, by: User) -> Revision:
    """Let another office decide. Its coordinators and the authors are told; the former office may still read it.

    Raises:
        PermissionDenied: `by` may not review it.
        ValidationError: no reason, the office has it already or it is their own work, or it is decided.
    """
    revision = lock_for_review(revision, by)
    move(revision, "hand_over")
    former = revision.deciding_office
    if office == former:
        raise ValidationError({"office": _("It is at this office already.")})
    if office.pk == revision.publication.owner_office_id:
        raise ValidationError({"office": _("This is the office’s own work: another one decides on it.")})
    revision.handed_reason = clean_reason(reason)
    revision.handed_to, revision.handed_from, revision.handed_at = office, former, timezone.now()
    revision.reviewer = revision.escalated_at = None
    revision.save(
        update_fields=[
            "state", "handed_to", "handed_from", "handed_at", "handed_reason", "reviewer", "escalated_at",
        ]
    )  # fmt: skip
    details = {"revision": revision.pk, "from": former.pk, "to": office.pk, "reason": revision.handed_reason}
    record_act(revision.publication, "handed_over", by=by, details=details)
    emails.queue_waiting(revision)
    emails.queue_handed_over(revision)
    return revision


def escalate_overdue() -> int:
    """Write about each revision that has waited for too long, once a submission. Safe at any time and twice.

    Returns:
        How many revisions it wrote about.
    """
    return _at_each_office(_escalate_at)


def send_weekly() -> int:
    """Write on Mondays from eight o'clock, as each office counts, what waits there. Safe at any time and twice.

    Returns:
        At how many offices something was pending on a Monday.
    """
    return _at_each_office(_weekly_at)


def _at_each_office(act: Callable[[Office, datetime], int]) -> int:
    """Do `act` at every office, in a transaction each: one that fails is logged and stops no other."""
    now, done = timezone.now(), 0
    for office in Office.objects.select_related("parent").order_by("pk"):
        try:
            with transaction.atomic():
                done += act(office, now)
        except Exception:
            logger.exception("The desk of office %s failed", office.pk)
    return done


def _escalate_at(office: Office, now: datetime) -> int:
    zone_of(office)  # a zone that nobody knows is an error here, though a page shows UTC for it
    late = Revision.objects.awaiting().filter(overdue_q([office], now), escalated_at=None).values_list("pk", flat=True)
    rows = Revision.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        pk__in=list(late), state__in=Revision.AWAITING, escalated_at=None
    )
    related = ("publication__owner_member__office__parent", "publication__owner_office__parent__parent")
    found = list(rows.select_related(*related, "handed_to__parent").order_by("pk"))
    for revision in found:
        emails.queue_overdue(revision)
        revision.escalated_at = now
        revision.save(update_fields=["escalated_at"])
    return len(found)


def _weekly_at(office: Office, now: datetime) -> int:
    local = now.astimezone(zone_of(office))
    start = datetime.combine(local.date(), MONDAY_MORNING, local.tzinfo)
    if local.weekday() != 0 or now < start:
        return 0
    year, number, _weekday = local.isocalendar()
    # What came in after eight waits for the next one, so that a late run says what a punctual one would have said.
    people = [one for one in coordinators_of(office) if pending_at(office, one, before=start)]
    emails.queue_weekly(office, f"{year}-W{number:02}", start, people)
    return bool(people)
