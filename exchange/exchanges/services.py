"""The acts that lead an exchange from its proposal to its end. Each locks the exchange first.

What is done inside it is in `working` (people, sessions, tasks, notes, files) and `outcomes`.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from exchange.exchanges import emails
from exchange.exchanges.inviting import cancel_sessions, sync_people
from exchange.exchanges.models import Exchange, Participant, Party
from exchange.exchanges.plans import (
    MOST_PARTNERS,
    Template,
    check_days,
    check_plan,
    is_whole,
    last_day,
    opposite,
    template_of,
)
from exchange.exchanges.querysets import speaks_for
from exchange.exchanges.transitions import move
from exchange.peers.models import Introduction, Notice
from exchange.peers.services import fulfil_notice
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of

# What a plan says, beside its format.
FACTS = (
    "title", "aim", "starts_on", "ends_on", "time_zone", "where", "place", "link", "languages", "costs", "costs_note",
    "plan",
)  # fmt: skip
# What the other sides have to agree to anew when it changes.
WEIGHTY = ("format", "starts_on", "ends_on", "costs", "costs_note")
MOST_WAITING = 20  # proposals of a member that nobody has answered yet


class StaleExchangeError(Exception):
    """Somebody changed the plan meanwhile; `exchange` is as it is now. Nothing was written."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(f"edition {exchange.edition} of exchange {exchange.pk} is newer")
        self.exchange = exchange


@transaction.atomic
def propose_exchange(
    *,
    member: Member,
    partners: Collection[Member],
    gives: bool,
    format_: str,
    facts: Mapping[str, Any],
    notice: Notice | None = None,
    introduction: Introduction | None = None,
    by: User,
) -> Exchange:
    """Propose an exchange for `member`, which has agreed by that; the partners are asked by e-mail.

    Args:
        gives: whether `member` shares what it knows; else it learns. The partners have the other part.
        facts: see `FACTS`.
        notice: the ask or offer that it comes from, of `member` or of one of the partners.
        introduction: the one it comes from, between `member` and the partner, both interested.

    Raises:
        PermissionDenied: `by` does not write for the member.
        ValidationError: by field, what cannot be; or the member has as many open proposals as it may.
    """
    if not (by.has_perm("library.write_for_owner", member) and member.is_active):
        raise PermissionDenied
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    _check_origin(member, partners, notice, introduction)
    _check_room(member, notice)
    template = template_of(format_)
    own = template.gives if gives else template.learns
    exchange = Exchange(format=format_, notice=notice, introduction=introduction, proposed_by=by)
    _write(exchange, facts)
    parties = [Party(member=member, role=own, state=Party.State.AGREED, answered_at=timezone.now(), answered_by=by)]
    parties += [Party(member=one, role=opposite(template, own)) for one in partners]
    _check_parties(template, parties)
    exchange.save()
    for party in parties:
        party.exchange = exchange
        party.person = by if party.member_id == member.pk else _in_charge(party.member, notice)
        party.save()
        if party.person:
            Participant.objects.create(party=party, user=party.person)
        if party.state == Party.State.INVITED:
            emails.queue_proposal(party)
    record(verb="exchange_proposed", obj=exchange, by=by, member_id=member.pk, details={"format": format_})
    return exchange


@transaction.atomic
def change_exchange(*, exchange: Exchange, format_: str, facts: Mapping[str, Any], edition: int, by: User) -> Exchange:
    """Change the plan. Where the format, the days or the costs change, the other sides are asked to agree anew.

    Raises:
        PermissionDenied: `by` speaks for no party.
        StaleExchangeError: the plan was changed since `by` read it.
        ValidationError: it has ended; or by field, what cannot be.
    """
    exchange, own = lock_exchange(exchange, "exchanges.change_exchange", by)
    if exchange.edition != edition:
        raise StaleExchangeError(exchange)
    move(exchange, "change")
    said = {name: getattr(exchange, name) for name in ("format", *FACTS)}
    parties = _parties(exchange)
    before, exchange.format = template_of(exchange.format), format_
    for party in parties:
        party.role = _same_part(before, template_of(format_), party.role)
    _check_parties(template_of(format_), parties)
    _write(exchange, facts, already=said["starts_on"])
    changed = [name for name, value in said.items() if getattr(exchange, name) != value]
    if not changed:
        return exchange
    for party in parties:
        party.save(update_fields=["role"])
    exchange.edition += 1
    if set(changed) & set(WEIGHTY):
        _ask_anew(exchange, parties, own, by)
    exchange.save()
    record(verb="exchange_changed", obj=exchange, by=by, details={"changed": changed})
    _settle(exchange, by)
    sync_people(exchange)
    return exchange


@transaction.atomic
def answer_exchange(*, party: Party, agrees: bool, edition: int, by: User) -> Exchange:
    """Agree to a plan for one party, or decline. Once all have agreed it is agreed; with nobody left it is over.

    Args:
        edition: of the plan that `by` has read.

    Raises:
        PermissionDenied: `by` does not speak for the party.
        StaleExchangeError: the plan was changed since `by` read it.
        ValidationError: it has ended, or this side has answered already.
    """
    if not by.has_perm("exchanges.answer_party", party):
        raise PermissionDenied
    exchange, _own = lock_exchange(party.exchange)
    party = exchange.parties.select_related("member").get(pk=party.pk)
    move(exchange, "answer")
    if party.state != Party.State.INVITED:
        raise ValidationError(_("Your side has answered already."))
    if agrees and exchange.edition != edition:
        raise StaleExchangeError(exchange)
    party.state = Party.State.AGREED if agrees else Party.State.DECLINED
    party.answered_at, party.answered_by = timezone.now(), by
    if agrees and party.person is None:
        party.person = by
    party.save()
    if agrees:
        Participant.objects.get_or_create(party=party, user=by)
    exchange.answered_at = exchange.answered_at or party.answered_at
    exchange.save()
    verb = "exchange_accepted" if agrees else "exchange_declined"
    record(verb=verb, obj=exchange, by=by, member_id=party.member_id)
    if not agrees:
        emails.queue_news(exchange, "declined", by, party=party)
    _settle(exchange, by)
    sync_people(exchange)
    return exchange


@transaction.atomic
def invite_party(*, exchange: Exchange, member: Member, by: User) -> Party:
    """Ask one more member to take part, on the side where several may be; whoever declined is not asked again.

    Raises:
        PermissionDenied: `by` speaks for no party.
        ValidationError: it has ended, the member takes part already, has declined or cannot, or there are as many as
            may be.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.change_exchange", by)
    move(exchange, "invite")
    template = template_of(exchange.format)
    if known := exchange.parties.filter(member=member).first():
        text = _("This member takes part already.") if known.is_in else _("This member has declined.")
        raise ValidationError({"member": text})
    party = Party(exchange=exchange, member=member, role=template.many, person=_in_charge(member, None))
    _check_parties(template, [*_parties(exchange), party])
    party.save()
    if party.person:
        Participant.objects.create(party=party, user=party.person)
    record(verb="exchange_party_invited", obj=exchange, by=by, member_id=member.pk)
    emails.queue_proposal(party)
    return party


@transaction.atomic
def start_exchange(*, exchange: Exchange, by: User) -> Exchange:
    """Begin what is agreed, on or after its first day; without days it begins today.

    Raises:
        PermissionDenied: `by` speaks for no party.
        ValidationError: it is not agreed, its first day is to come, or nobody has said how long it takes.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.change_exchange", by)
    move(exchange, "start")
    today = today_in(exchange)
    if exchange.starts_on is None:
        exchange.starts_on, exchange.ends_on = today, last_day(exchange.format, today, None)
        if exchange.ends_on is None:
            raise ValidationError(_("Write the first and the last day into the plan, so that all know them."))
    if exchange.starts_on > today:
        raise ValidationError(_("Its first day is still to come. To begin earlier, change the plan."))
    return _start(exchange, by)


def start_due_exchanges() -> int:
    """Begin what is agreed and whose first day has come where it is. Safe to run twice; returns how many began."""
    started = 0
    # A day ends at another hour elsewhere: which day it is there is asked of each.
    latest = timezone.localdate() + timedelta(days=1)
    found = Exchange.objects.filter(state=Exchange.State.AGREED, starts_on__lte=latest)
    for pk in found.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            exchange = Exchange.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            if exchange and exchange.state == Exchange.State.AGREED and _has_begun(exchange):
                move(exchange, "start")
                _start(exchange, None)
                started += 1
    return started


@transaction.atomic
def complete_exchange(*, exchange: Exchange, report: str, no_outcome: str, by: User) -> Exchange:
    """Bring it to its end with a report. The ask or offer that it comes from is fulfilled by that.

    Args:
        no_outcome: why nothing came of it; needed where no outcome was recorded.

    Raises:
        PermissionDenied: `by` speaks for no party.
        ValidationError: it is not running; or by field, what is missing.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.change_exchange", by)
    move(exchange, "complete")
    report, no_outcome = report.strip(), no_outcome.strip()
    if not report:
        raise ValidationError({"report": _("Say what happened, in a few sentences.")})
    if not no_outcome and not exchange.outcomes.exists():
        raise ValidationError({"no_outcome": _("Record an outcome first, or say in one sentence why there is none.")})
    exchange.report = report
    _end(exchange, no_outcome if not exchange.outcomes.exists() else "", by)
    record(verb="exchange_completed", obj=exchange, by=by)
    if exchange.notice:
        fulfil_notice(notice=exchange.notice, by=by)
    emails.queue_news(exchange, "completed", by)
    return exchange


@transaction.atomic
def cancel_exchange(*, exchange: Exchange, reason: str, by: User) -> Exchange:
    """Give it up, with a reason that all sides read. Its sessions to come leave everybody's calendar.

    Raises:
        PermissionDenied: `by` speaks for no party, coordinates none of their offices and administers nothing.
        ValidationError: it has ended, or there is no reason.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.cancel_exchange", by)
    return _cancel(exchange, reason, by)


def cancel_by_itself(exchange: Exchange, reason: str) -> None:
    """Give up what cannot go on, as after its members became one; nothing where it has ended. In a transaction."""
    exchange, _own = lock_exchange(exchange)
    if exchange.is_open:
        _cancel(exchange, reason, None)


def today_in(exchange: Exchange) -> date:
    """Return which day it is where the exchange is."""
    return timezone.now().astimezone(exchange.zone).date()


# Parts of the acts ----------------------------------------------------------------------------------------------------


def lock_exchange(exchange: Exchange, permission: str = "", by: User | None = None) -> tuple[Exchange, frozenset[int]]:
    """Return the exchange as it is now, kept from others until the end, and the members that `by` speaks for.

    Raises:
        PermissionDenied: `by` does not have `permission`.
    """
    found: Exchange = (
        Exchange.objects.select_for_update(of=("self",))
        .select_related("notice", "proposed_by", "thread")
        .get(pk=exchange.pk)
    )  # fmt: skip
    if permission and not (by and by.has_perm(permission, found)):
        raise PermissionDenied
    return found, speaks_for(roles_of(by)) if by else frozenset()


def _parties(exchange: Exchange) -> list[Party]:
    return list(exchange.parties.taking_part().select_related("member"))


def _check_origin(
    member: Member, partners: Collection[Member], notice: Notice | None, introduction: Introduction | None
) -> None:
    if notice and (not notice.is_open or notice.member_id not in {member.pk, *(one.pk for one in partners)}):
        raise ValidationError(_("The ask or offer is closed meanwhile, or of another member."))
    if introduction:
        sides = {introduction.member_id, introduction.peer_id}
        if introduction.state != Introduction.State.AGREED or sides != {member.pk, *(one.pk for one in partners)}:
            raise ValidationError(_("This introduction is of others, or not both sides are interested."))


def _check_room(member: Member, notice: Notice | None) -> None:
    mine = Exchange.objects.filter(
        state=Exchange.State.PROPOSED, answered_at=None, parties__member=member, parties__state=Party.State.AGREED
    )
    if notice and mine.filter(notice=notice).exists():
        raise ValidationError(_("%(member)s has proposed an exchange about this already.") % {"member": member})
    if mine.count() >= MOST_WAITING:
        raise ValidationError(
            _("%(member)s has %(count)d proposals that nobody has answered yet. Please wait for an answer first.")
            % {"member": member, "count": MOST_WAITING}
        )


def _check_parties(template: Template, parties: Collection[Party]) -> None:
    """Raise a ValidationError where a part is played by more members than it may, or by one who cannot."""
    members = [one.member for one in parties]
    if len({one.pk for one in members}) < len(members):
        raise ValidationError({"partners": _("Each member takes part once.")})
    if len(members) < 2:
        raise ValidationError({"partners": _("Choose with whom.")})
    for party in parties:
        fits = party.member.is_active and party.member.standing != Member.Standing.READ_ONLY
        if party.pk is None and not fits:
            raise ValidationError({"partners": _("%(member)s cannot take part now.") % {"member": party.member}})
    for role in (template.gives, template.learns):
        most = MOST_PARTNERS if role == template.many else 1
        if sum(one.role == role for one in parties) > most:
            text = _("At most %(most)d in the part of: %(role)s.")
            raise ValidationError({"partners": text % {"most": most, "role": Party.Role(role).label}})


def _same_part(before: Template, after: Template, role: str) -> str:
    """Return the part in another format that gives where `role` gives."""
    return after.gives if role == before.gives else after.learns


def _write(exchange: Exchange, facts: Mapping[str, Any], already: date | None = None) -> None:
    """Write what a plan says.

    Args:
        already: the first day that was planned before, which may have passed.
    """
    for name in FACTS:
        if name in facts:
            setattr(exchange, name, facts[name])
    exchange.ends_on = last_day(exchange.format, exchange.starts_on, exchange.ends_on)
    check_days(exchange.format, exchange.starts_on, exchange.ends_on)
    exchange.clean_fields(exclude=["plan", "notice", "introduction", "proposed_by", "ended_by"])  # the zone is known
    if exchange.starts_on and exchange.starts_on != already and exchange.starts_on < today_in(exchange):
        raise ValidationError({"starts_on": _("This day has passed.")})
    exchange.plan = check_plan(exchange.format, exchange.plan)


def _ask_anew(exchange: Exchange, parties: Collection[Party], own: frozenset[int], by: User) -> None:
    """Have every other side agree to a changed plan; whoever changed it has agreed."""
    move(exchange, "ask_anew")
    now = timezone.now()
    for party in parties:
        party.asked_at = now
        if party.member_id in own:
            party.state, party.answered_at, party.answered_by = Party.State.AGREED, now, by
        else:
            party.state, party.answered_at, party.answered_by = Party.State.INVITED, None, None
        party.save()
        if party.state == Party.State.INVITED:
            emails.queue_proposal(party)


def _settle(exchange: Exchange, by: User | None) -> None:
    """See what follows from the answers: all have agreed, or too few are left."""
    parties = _parties(exchange)
    if not exchange.is_open:
        return
    if len(parties) < 2 or len({one.role for one in parties}) < 2:
        _cancel(exchange, _("The other side has declined."), by, tell=False)
    elif (
        exchange.state == Exchange.State.PROPOSED
        and all(one.state == Party.State.AGREED for one in parties)
        and is_whole(exchange.format, parties)
    ):
        move(exchange, "agree")
        exchange.agreed_at = timezone.now()
        exchange.save()
        record(verb="exchange_agreed", obj=exchange, by=by)
        emails.queue_news(exchange, "agreed", by)
        if exchange.started_at and _has_begun(exchange):  # it was running when its plan was changed
            move(exchange, "start")
            exchange.save()


def _has_begun(exchange: Exchange) -> bool:
    return exchange.starts_on is not None and exchange.starts_on <= today_in(exchange)


def _start(exchange: Exchange, by: User | None) -> Exchange:
    exchange.started_at = exchange.started_at or timezone.now()
    exchange.save()
    record(verb="exchange_started", obj=exchange, by=by)
    return exchange


def _cancel(exchange: Exchange, reason: str, by: User | None, *, tell: bool = True) -> Exchange:
    move(exchange, "cancel")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: all sides read it.")})
    _end(exchange, reason.strip(), by)
    record(verb="exchange_cancelled", obj=exchange, by=by, details={"reason": exchange.reason})
    if tell:
        emails.queue_news(exchange, "cancelled", by)
    return exchange


def _end(exchange: Exchange, reason: str, by: User | None) -> None:
    exchange.reason, exchange.ended_at, exchange.ended_by = reason, timezone.now(), by
    exchange.clean_fields(exclude=["plan", "notice", "introduction", "proposed_by", "ended_by"])
    exchange.save()
    cancel_sessions(exchange)
    sync_people(exchange)


def _in_charge(member: Member, notice: Notice | None) -> User | None:
    """Return who looks after it for a member that is asked."""
    found = emails.people_to_tell(member, notice)
    return found[0] if found else None
