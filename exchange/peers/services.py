"""Every write to asks and offers: open, change, close, open again. What members did not like is in `dismissing`."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from config.vocabulary.models import Pathway, Topic
from exchange.moderation.silences import check_may_write
from exchange.peers import emails
from exchange.peers.models import Notice
from exchange.peers.transitions import move
from exchange.peers.validators import check_days, check_last_day
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of

# What a notice says, beside its topics and pathways.
FACTS = (
    "person", "title", "text", "language", "formats", "languages", "where", "places", "starts_on", "ends_on",
    "closes_on", "costs", "costs_note", "publication",
)  # fmt: skip
WARNED = timedelta(days=7)  # before it closes
MOST_OPEN = 20  # asks, and offers, that a member has open at a time


class StaleNoticeError(Exception):
    """Somebody changed it meanwhile; `notice` is as it is now. Nothing was written."""

    def __init__(self, notice: Notice) -> None:
        super().__init__(f"edition {notice.edition} of notice {notice.pk} is newer")
        self.notice = notice


@transaction.atomic
def open_notice(
    *,
    kind: str,
    member: Member,
    facts: Mapping[str, Any],
    topics: Iterable[Topic],
    pathways: Iterable[Pathway],
    by: User,
) -> Notice:
    """Open an ask or an offer of a member; the network sees it at once, and who fits it is looked for.

    What is open with the same words already was sent twice: it stays the one it is.

    Args:
        facts: see `FACTS`.

    Raises:
        PermissionDenied: `by` does not write for the member.
        ValidationError: by field, what cannot be kept; or the member has as many open ones as it may.
    """
    if not (by.has_perm("library.write_for_owner", member) and member.is_active):
        raise PermissionDenied
    check_may_write(by)
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    open_ones = Notice.objects.filter(member=member, kind=kind, state=Notice.State.OPEN)
    same: Notice | None = open_ones.filter(title=facts.get("title"), text=facts.get("text")).order_by("pk").first()
    if same:
        return same
    _check_room(member, kind)
    notice = Notice(kind=kind, member=member)
    _write(notice, facts, list(topics), list(pathways), by)
    notice.save()
    notice.topics.set(topics)
    notice.pathways.set(pathways)
    _tell_opened(notice, by)
    return notice


@transaction.atomic
def change_notice(
    *,
    notice: Notice,
    facts: Mapping[str, Any],
    topics: Iterable[Topic],
    pathways: Iterable[Pathway],
    edition: int,
    by: User,
) -> Notice:
    """Change what an open one says.

    Raises:
        PermissionDenied: `by` does not write for its member.
        StaleNoticeError: it was changed since `by` read it.
        ValidationError: it is closed; or by field, what cannot be kept.
    """
    if not by.has_perm("peers.change_notice", notice):
        raise PermissionDenied
    check_may_write(by)
    notice = _lock(notice)
    move(notice, "change")
    if notice.edition != edition:
        raise StaleNoticeError(notice)
    said = notice.title, notice.text
    _write(notice, facts, list(topics), list(pathways), by)
    notice.edition += 1
    if (notice.title, notice.text) != said:
        notice.meaning = None
    notice.matched_at = None
    notice.save()
    notice.topics.set(topics)
    notice.pathways.set(pathways)
    record(verb=f"{notice.kind}_changed", obj=notice, by=by, member_id=notice.member_id)
    _look_for_peers(notice)
    return notice


@transaction.atomic
def close_notice(*, notice: Notice, by: User) -> None:
    """Close one before its time. Its member, the coordinators of its office and administrators may.

    Raises:
        PermissionDenied: `by` may not.
        ValidationError: it is closed already.
    """
    if not by.has_perm("peers.close_notice", notice):
        raise PermissionDenied
    _close(_lock(notice), Notice.Because.WITHDRAWN, by)


@transaction.atomic
def fulfil_notice(*, notice: Notice, by: User) -> None:
    """Close one because an exchange has come of it. What was closed during the exchange is met by it all the same."""
    notice = _lock(notice)
    if notice.is_open:
        _close(notice, Notice.Because.FULFILLED, by)
    elif notice.closed_because != Notice.Because.FULFILLED:
        notice.closed_because = Notice.Because.FULFILLED
        notice.edition += 1
        notice.save(update_fields=["closed_because", "edition"])
        _record_closed(notice, by)


@transaction.atomic
def reopen_notice(*, notice: Notice, closes_on: date, edition: int, by: User) -> Notice:
    """Open a closed one again, until another day.

    Raises:
        PermissionDenied: `by` does not write for its member.
        StaleNoticeError: it was changed since `by` read it.
        ValidationError: it is open, the day cannot be, or the member has as many open ones as it may.
    """
    if not by.has_perm("peers.change_notice", notice):
        raise PermissionDenied
    check_may_write(by)
    Member.objects.select_for_update(no_key=True).get(pk=notice.member_id)
    notice = _lock(notice)
    if notice.edition != edition:
        raise StaleNoticeError(notice)
    move(notice, "reopen")
    _check_room(notice.member, notice.kind)
    check_last_day(closes_on)
    notice.closes_on, notice.closed_because, notice.closed_at = closes_on, "", None
    notice.opened_at, notice.matched_at = timezone.now(), None
    if notice.ends_on and notice.ends_on < timezone.localdate():  # of a time that has passed
        notice.starts_on = notice.ends_on = None
    if notice.person is None or notice.member_id not in roles_of(notice.person).writes_for:
        notice.person = by
    notice.edition += 1
    notice.save()
    _tell_opened(notice, by)
    return notice


def close_overdue_notices() -> int:
    """Close what is open past its day, and tell who is in charge. Safe to run twice; returns how many were closed.

    Days end at another hour elsewhere: that of the person in charge counts.
    """
    closed = 0
    for pk in Notice.objects.overdue().order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            rows = Notice.objects.select_for_update(of=("self",)).select_related("member", "person")
            notice = rows.filter(pk=pk).first()
            if notice and notice.is_overdue:
                _close(notice, Notice.Because.EXPIRED, None)
                emails.queue_closed(notice)
                closed += 1
    return closed


def warn_of_closing() -> None:
    """Write about what closes within a week and was open for longer. Safe to run twice."""
    now = timezone.now()
    rows = Notice.objects.open().filter(closes_on__lte=timezone.localdate() + WARNED, opened_at__lte=now - WARNED)
    for notice in rows.select_related("member", "person"):
        emails.queue_closing(notice)


def release_notices(user: User, place: object, by: User) -> None:
    """Leave the notices of a member without somebody in charge whom it has left; its liaisons are asked meanwhile."""
    if isinstance(place, Member):
        for notice in Notice.objects.select_for_update().filter(member=place, person=user):
            notice.person = None
            notice.edition += 1
            notice.save(update_fields=["person", "edition"])
            record(verb=f"{notice.kind}_released", obj=notice, by=by, member_id=place.pk)


def _write(notice: Notice, facts: Mapping[str, Any], topics: list[Topic], pathways: list[Pathway], by: User) -> None:
    already = notice.starts_on
    for name in FACTS:
        if name in facts:
            setattr(notice, name, facts[name])
    notice.person = notice.person or by
    if notice.member_id not in roles_of(notice.person).writes_for:
        raise ValidationError({"person": _("This person does not write for the member.")})
    if not topics:
        raise ValidationError({"topics": _("Choose at least one topic.")})
    if not pathways:
        raise ValidationError({"pathways": _("Choose at least one pathway.")})
    if notice.publication and not by.has_perm("library.view_publication", notice.publication):
        raise ValidationError({"publication": _("You cannot read this publication.")})
    days = {name: getattr(notice, name) for name in ("starts_on", "ends_on", "closes_on")}
    check_days(**days, already=already)
    notice.full_clean(exclude=["meaning"])


def _check_room(member: Member, kind: str) -> None:
    if Notice.objects.filter(member=member, kind=kind, state=Notice.State.OPEN).count() >= MOST_OPEN:
        raise ValidationError(
            _("%(member)s has %(count)d of them open. Please close one first.") % {"member": member, "count": MOST_OPEN}
        )


def _close(notice: Notice, because: str, by: User | None) -> None:
    move(notice, "close")
    notice.closed_because, notice.closed_at = because, timezone.now()
    notice.edition += 1
    notice.save(update_fields=["state", "closed_because", "closed_at", "edition"])
    _record_closed(notice, by)


def _record_closed(notice: Notice, by: User | None) -> None:
    details = {"because": notice.closed_because}
    record(verb=f"{notice.kind}_closed", obj=notice, by=by, member_id=notice.member_id, details=details)


def _tell_opened(notice: Notice, by: User) -> None:
    record(
        verb=f"{notice.kind}_opened",
        obj=notice,
        by=by,
        audience=Entry.Audience.NETWORK,
        member_id=notice.member_id,
        topics=[topic.code for topic in notice.topics.all()],
        pathways=[pathway.code for pathway in notice.pathways.all()],
    )
    emails.queue_asked(notice, by)
    _look_for_peers(notice)


def _look_for_peers(notice: Notice) -> None:
    from exchange.peers.tasks import match_notice_task

    transaction.on_commit(partial(match_notice_task.delay, notice.pk), robust=True)


def _lock(notice: Notice) -> Notice:
    found: Notice = Notice.objects.select_for_update(of=("self",)).select_related("member", "person").get(pk=notice.pk)
    return found
