"""The acts that lead an exchange from its proposal to its beginning. Each locks the exchange first.

Who takes part is in `agreeing`, how it ends in `ending`; what is done inside it in `working` (people, sessions, tasks,
notes, files) and `outcomes`.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from exchange.connections.queries import connected_ids
from exchange.conversations.limits import SENT_TWICE
from exchange.exchanges import emails
from exchange.exchanges.agreeing import ask_anew, check_parties, in_charge, settle, take_back_change
from exchange.exchanges.changing import same_part
from exchange.exchanges.inviting import sync_people
from exchange.exchanges.locking import StaleExchangeError, has_begun, lock_exchange, parties_in, today_in
from exchange.exchanges.models import Exchange, Participant, Party
from exchange.exchanges.plans import check_days, check_plan, last_day, opposite, template_of
from exchange.exchanges.querysets import speaks_for
from exchange.exchanges.transitions import move
from exchange.moderation.silences import check_may_write
from exchange.peers.models import Introduction, Notice
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of

# What a plan says, beside its format.
FACTS = (
    "title", "aim", "starts_on", "ends_on", "time_zone", "where", "place", "link", "languages", "costs", "costs_note",
    "plan",
)  # fmt: skip
# What the other sides have to agree to anew when it changes.
WEIGHTY = ("format", "starts_on", "ends_on", "time_zone", "where", "costs", "costs_note")
MOST_WAITING = 20  # proposals of a member that nobody has answered yet


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
    person: User | None = None,
    by: User,
) -> Exchange:
    """Propose an exchange for `member`, which has agreed by that; the partners are asked by e-mail.

    Args:
        gives: whether `member` shares what it knows; else it learns. The partners have the other part.
        facts: see `FACTS`.
        notice: the ask or offer that it comes from, of `member` or of one of the partners.
        introduction: the one it comes from, between `member` and the partner, both interested.
        person: somebody of a partner whom `by` is connected with: they take part, and are in charge if they may answer.

    Raises:
        PermissionDenied: `by` does not write for the member.
        ValidationError: by field, what cannot be; or the member has as many open proposals as it may.
    """
    if not (by.has_perm("library.write_for_owner", member) and member.is_active):
        raise PermissionDenied
    check_may_write(by)
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    _check_origin(member, partners, notice, introduction)
    known = [one for one in partners if person and person.pk in known_at(one, by)]
    if person and not known:
        raise ValidationError(_("You are not connected with this person, or they are of another member."))
    template = template_of(format_)
    own = template.gives if gives else template.learns
    exchange = Exchange(format=format_, notice=notice, introduction=introduction, proposed_by=by)
    _write(exchange, facts)
    if same := _sent_before(exchange, [member, *partners]):
        return same
    _check_room(member, notice)
    now = timezone.now()
    parties = [Party(member=member, role=own, state=Party.State.AGREED, answered_at=now, answered_by=by, joined_at=now)]
    parties += [Party(member=one, role=opposite(template, own)) for one in partners]
    check_parties(template, parties)
    exchange.save()
    for party in parties:
        party.exchange = exchange
        party.person = by if party.member_id == member.pk else in_charge(party.member, by, notice)
        if person and party.member in known and party.member_id in speaks_for(roles_of(person)):
            party.person = person
        party.save()
        takes_part = [party.person, person if party.member in known else None]
        for one in dict.fromkeys(one for one in takes_part if one):
            Participant.objects.create(party=party, user=one)
        if party.state == Party.State.INVITED:
            emails.queue_proposal(party)
    record(verb="exchange_proposed", obj=exchange, by=by, member_id=member.pk, details={"format": format_})
    return exchange


@transaction.atomic
def change_exchange(*, exchange: Exchange, format_: str, facts: Mapping[str, Any], edition: int, by: User) -> Exchange:
    """Change the plan. Where it changes what they agreed to, the other sides are asked anew; else they are told.

    Raises:
        PermissionDenied: `by` may not, see `rules.py`.
        StaleExchangeError: the plan was changed since `by` read it.
        ValidationError: it has ended; or by field, what cannot be.
    """
    exchange, own = lock_exchange(exchange, "exchanges.change_exchange", by)
    check_may_write(by)
    if exchange.edition != edition:
        raise StaleExchangeError(exchange)
    move(exchange, "change")
    said = {name: getattr(exchange, name) for name in ("format", *FACTS)}
    parties = parties_in(exchange)
    before, exchange.format = template_of(exchange.format), format_
    for party in parties:
        party.role = same_part(before, template_of(format_), party.role)
    check_parties(template_of(format_), parties)
    _write(exchange, facts, already=said["starts_on"])
    changed = [name for name, value in said.items() if getattr(exchange, name) != value]
    if not changed:
        return exchange
    agreed = exchange.as_agreed()
    if agreed and all(getattr(exchange, name) == value for name, value in agreed.items()):
        return take_back_change(exchange=exchange, by=by)
    for party in parties:
        party.save(update_fields=["role"])
    exchange.edition += 1
    if set(changed) & set(WEIGHTY):
        ask_anew(exchange, parties, own, by, said)
    else:
        emails.queue_news(exchange, "changed", by, changed=changed)
    exchange.save()
    record(verb="exchange_changed", obj=exchange, by=by, details={"changed": changed})
    settle(exchange, by)
    sync_people(exchange)
    return exchange


@transaction.atomic
def start_exchange(*, exchange: Exchange, by: User) -> Exchange:
    """Begin what is agreed, on or after its first day; without days it begins today.

    Raises:
        PermissionDenied: `by` does not lead it.
        ValidationError: it is not agreed, its first day is to come, or nobody has said how long it takes.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.lead_exchange", by)
    move(exchange, "start")
    today = today_in(exchange)
    if exchange.starts_on is None:
        exchange.starts_on, exchange.ends_on = today, last_day(exchange.format, today, None)
        if exchange.ends_on is None:
            raise ValidationError(_("Write the first and the last day into the plan, so that all know them."))
    if exchange.starts_on > today:
        raise ValidationError(_("Its first day is still to come. To begin earlier, change the plan."))
    return _start(exchange, by)


def known_at(member: Member, user: User) -> frozenset[int]:
    """Return the people of a member that `user` is connected with."""
    return connected_ids(user) & frozenset(member.roles.filter(user__is_active=True).values_list("user", flat=True))


def start_due_exchanges() -> int:
    """Begin what is agreed and whose first day has come where it is. Safe to run twice; returns how many began."""
    started = 0
    # A day ends at another hour elsewhere: which day it is there is asked of each.
    latest = timezone.localdate() + timedelta(days=1)
    found = Exchange.objects.filter(state=Exchange.State.AGREED, starts_on__lte=latest)
    for pk in found.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            exchange = Exchange.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            if exchange and exchange.state == Exchange.State.AGREED and has_begun(exchange):
                move(exchange, "start")
                _start(exchange, None)
                started += 1
    return started


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


def _sent_before(exchange: Exchange, members: Collection[Member]) -> Exchange | None:
    """Return the same proposal that the same person made a moment ago: a form that was sent twice."""
    since = timezone.now() - SENT_TWICE
    said = {name: getattr(exchange, name) for name in ("format", "title", "aim", "starts_on", "notice", "proposed_by")}
    rows = Exchange.objects.filter(**said, state=Exchange.State.PROPOSED, proposed_at__gt=since)
    asked = {one.pk for one in members}
    return next((one for one in rows if {party.member_id for party in one.parties.all()} == asked), None)


def _write(exchange: Exchange, facts: Mapping[str, Any], already: date | None = None) -> None:
    """Write what a plan says.

    Args:
        already: the first day that was planned before, which may have passed.
    """
    planned = exchange.plan
    for name in FACTS:
        if name in facts:
            setattr(exchange, name, facts[name])
    exchange.ends_on = last_day(exchange.format, exchange.starts_on, exchange.ends_on)
    check_days(exchange.format, exchange.starts_on, exchange.ends_on)
    exchange.clean_fields(exclude=["plan", "notice", "introduction", "proposed_by", "ended_by"])  # the zone is known
    if exchange.where == Exchange.Where.ON_SITE and not exchange.place:
        raise ValidationError({"place": _("Say at least in which town.")})
    if exchange.starts_on and exchange.starts_on != already and exchange.starts_on < today_in(exchange):
        raise ValidationError({"starts_on": _("This day has passed.")})
    # What only another format has is kept: whoever goes back to that finds it again.
    others = {name: part for name, part in planned.items() if name not in template_of(exchange.format).parts}
    exchange.plan = others | check_plan(exchange.format, exchange.plan, exchange.days)


def _start(exchange: Exchange, by: User | None) -> Exchange:
    exchange.started_at = exchange.started_at or timezone.now()
    exchange.save()
    record(verb="exchange_started", obj=exchange, by=by)
    return exchange
