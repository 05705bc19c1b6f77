"""Every write to uptake: record, change, confirm, decline. Each locks the publication first, since it is counted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from members.accounts.models import User
from members.directory.models import Member
from practices.library.grading import set_uptake_count
from practices.library.models import Publication
from practices.uptake import emails
from practices.uptake.models import Uptake
from practices.uptake.transitions import ACT_TO, NEW, move

# What a record says besides its state.
FACTS = (
    "language", "changed", "cost_amount", "cost_currency", "result", "drop_reason", "contact_title", "contact_email",
    "own_publication",
)  # fmt: skip
EARLIEST = date(1900, 1, 1)


class StaleUptakeError(Exception):
    """Somebody changed the record meanwhile; `uptake` is as it is now. Nothing was written."""

    def __init__(self, uptake: Uptake) -> None:
        super().__init__(f"edition {uptake.edition} of uptake {uptake.pk} is newer")
        self.uptake = uptake


@transaction.atomic
def record_uptake(
    *, publication: Publication, member: Member, state: str, since: date | None, facts: Mapping[str, Any], by: User
) -> Uptake:
    """Say what `member` does with a publication of another. The owner's side is asked to confirm it.

    Args:
        since: the day on which it came into `state`; today by default.
        facts: see `FACTS`.

    Raises:
        PermissionDenied: `by` does not write for `member` or may not read the publication.
        ValidationError: it is archived or the member's own, or recorded already (code `exists`); by field, a value
            that cannot be kept.
    """
    may = by.has_perm("library.write_for_owner", member) and by.has_perm("library.view_publication", publication)
    if not (may and member.is_active):
        raise PermissionDenied
    publication = _lock(publication)
    if publication.state == Publication.State.ARCHIVED:
        raise ValidationError(_("This is archived. Nobody can take it up any more."))
    if publication.state != Publication.State.PUBLISHED:
        raise ValidationError(_("This is not published yet."))
    if publication.owner_member_id == member.pk:
        raise ValidationError(_("This is your own. Record what others have written."))
    if Uptake.objects.filter(publication=publication, member=member).exists():
        raise ValidationError(
            _("%(member)s has a record of this already. Please change that one.") % {"member": member}, code="exists"
        )
    uptake = Uptake(publication=publication, member=member, state=NEW)
    _write(uptake, state, since, facts, by)
    uptake.save()
    _record_act(uptake, "uptake_recorded", by=by, details={"to": uptake.state})
    emails.queue_waiting(uptake)
    return uptake


@transaction.atomic
def change_uptake(
    *, uptake: Uptake, state: str, since: date | None, facts: Mapping[str, Any], edition: int, by: User
) -> Uptake:
    """Change a record. A move to another state is confirmed anew; so is any change of what the owner declined.

    Args:
        since: the day on which it came into `state`; None means today for a move, else leaves the day as it is.
        edition: what `by` saw.

    Returns:
        The record as saved; its edition is one higher if anything changed.

    Raises:
        PermissionDenied: `by` does not write for the member.
        StaleUptakeError: somebody changed it meanwhile.
        ValidationError: the state cannot follow on the present one; by field, a value that cannot be kept.
    """
    if not by.has_perm("uptake.change_uptake", uptake):
        raise PermissionDenied
    publication = _lock(uptake.publication)
    uptake = _lock_row(uptake)
    if uptake.edition != edition:
        raise StaleUptakeError(uptake)
    before, had, was_declined = uptake.state, _content(uptake), uptake.declined_at is not None
    _write(uptake, state, since, facts, by)
    if _content(uptake) == had:
        return uptake
    uptake.edition += 1
    if moved := uptake.state != before or was_declined:
        _ask_anew(uptake, by)
    uptake.save()
    _record_act(
        uptake,
        "uptake_moved" if uptake.state != before else "uptake_edited",
        by=by,
        details={"from": before, "to": uptake.state, "reason": uptake.drop_reason},
    )
    if moved:
        _recount(publication)
        emails.queue_waiting(uptake)
    return uptake


@transaction.atomic
def confirm_uptake(*, uptake: Uptake, edition: int, by: User) -> Uptake:
    """Say for the owner of the original that it is so; from then on it counts. Whoever recorded it is told.

    Raises:
        PermissionDenied: `by` does not write for the owner, or belongs to the member that took it up.
        StaleUptakeError: it was changed since `by` read it.
        ValidationError: it is confirmed already.
    """
    publication, uptake = _lock_to_answer(uptake, edition, by)
    if uptake.confirmed_at:
        raise ValidationError(_("This is confirmed already."))
    uptake.confirmed_at, uptake.confirmed_by = timezone.now(), by
    uptake.declined_at = uptake.declined_by = None
    uptake.decline_reason = ""
    _answer(publication, uptake)
    _record_act(
        uptake, "uptake_confirmed", by=by, audience=Entry.Audience.NETWORK, details={"to": uptake.state}
    )  # fmt: skip
    return uptake


@transaction.atomic
def decline_uptake(*, uptake: Uptake, reason: str, edition: int, by: User) -> Uptake:
    """Say for the owner of the original that it is not so, and why; a confirmation can be taken back like this.

    Raises:
        PermissionDenied: see `confirm_uptake`.
        StaleUptakeError: it was changed since `by` read it.
        ValidationError: no reason, or it is declined already.
    """
    publication, uptake = _lock_to_answer(uptake, edition, by)
    if uptake.declined_at:
        raise ValidationError(_("This is declined already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Please say why: the colleague who recorded it reads it.")})
    uptake.declined_at, uptake.declined_by, uptake.decline_reason = timezone.now(), by, reason.strip()
    uptake.confirmed_at = uptake.confirmed_by = None
    _answer(publication, uptake)
    _record_act(uptake, "uptake_declined", by=by, details={"reason": uptake.decline_reason})
    return uptake


def _write(uptake: Uptake, state: str, since: date | None, facts: Mapping[str, Any], by: User) -> None:
    """Put what was said into the record and check it; not saved yet."""
    if state not in ACT_TO:
        raise ValidationError({"state": _("There is no such state.")})
    moves = state != uptake.state
    if moves:
        move(uptake, ACT_TO[state])
    if moves or since:
        setattr(uptake, f"{state}_since", since or timezone.localdate())
    for name in FACTS:
        if name in facts:
            setattr(uptake, name, facts[name])
    if not uptake.asked_at:
        uptake.asked_at, uptake.recorded_by = timezone.now(), by
    _check(uptake)


def _check(uptake: Uptake) -> None:
    """Check what the fields by themselves cannot tell.

    Raises:
        ValidationError: by field.
    """
    problems = {}
    if uptake.is_dropped and not uptake.drop_reason.strip():
        problems["drop_reason"] = _("Please say why: others learn from it.")
    if uptake.cost_amount is not None and not uptake.cost_currency:
        problems["cost_currency"] = _("Which currency is the cost in?")
    own = uptake.own_publication
    if own and own.owner_member_id != uptake.member_id:
        problems["own_publication"] = _("This is not a text of %(member)s.") % {"member": uptake.member}
    if uptake.since and not EARLIEST <= uptake.since <= timezone.localdate():
        problems["since"] = _("This day cannot be in the future or before 1900.")
    if problems:
        raise ValidationError(problems)
    if not uptake.is_dropped:
        uptake.drop_reason = ""  # the journal keeps what was said before
    uptake.full_clean(exclude=["publication", "member"])


def _content(uptake: Uptake) -> dict[str, Any]:
    names = (*FACTS, "state", *(f"{state}_since" for state in Uptake.State.values))
    return {name: getattr(uptake, name) for name in names}


def _ask_anew(uptake: Uptake, by: User) -> None:
    uptake.asked_at, uptake.recorded_by = timezone.now(), by
    uptake.confirmed_at = uptake.confirmed_by = uptake.declined_at = uptake.declined_by = None
    uptake.decline_reason = ""


def _answer(publication: Publication, uptake: Uptake) -> None:
    uptake.edition += 1
    uptake.save()
    _recount(publication)
    emails.queue_answer(uptake)


def _recount(publication: Publication) -> None:
    set_uptake_count(publication, Uptake.objects.filter(publication=publication).counted().count())


def _lock(publication: Publication) -> Publication:
    locked: Publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    return locked


def _lock_row(uptake: Uptake) -> Uptake:
    locked: Uptake = Uptake.objects.select_for_update(of=("self",)).select_related(
        "member", "own_publication", "publication__owner_member__office", "publication__owner_office__parent"
    ).get(pk=uptake.pk)  # fmt: skip
    return locked


def _lock_to_answer(uptake: Uptake, edition: int, by: User) -> tuple[Publication, Uptake]:
    if not by.has_perm("uptake.confirm_uptake", uptake):
        raise PermissionDenied
    publication = _lock(uptake.publication)
    uptake = _lock_row(uptake)
    if uptake.edition != edition:
        raise StaleUptakeError(uptake)
    return publication, uptake


def _record_act(
    uptake: Uptake,
    verb: str,
    *,
    by: User,
    audience: Entry.Audience = Entry.Audience.NOBODY,
    details: Mapping[str, object],
) -> None:
    """Write into the journal that `by` did `verb`; `member_id` is the member that took it up."""
    publication = uptake.publication
    record(
        verb=verb,
        obj=uptake,
        by=by,
        audience=audience,
        member_id=uptake.member_id,
        office_id=uptake.member.office_id,
        topics=publication.topics.values_list("code", flat=True),
        pathways=publication.pathways.values_list("code", flat=True),
        version=publication.version,
        details={"publication": publication.pk, **details},
    )
