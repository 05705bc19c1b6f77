"""Who takes part in an exchange: members are asked, agree or decline, leave, and what follows from that."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from exchange.connections.blocks import blocked_ids
from exchange.exchanges import emails
from exchange.exchanges.changing import close_change, keep_agreed, put_back
from exchange.exchanges.ending import give_up
from exchange.exchanges.inviting import sync_people
from exchange.exchanges.locking import StaleExchangeError, lock_exchange, parties_in
from exchange.exchanges.models import Exchange, Participant, Party
from exchange.exchanges.plans import MOST_PARTNERS, Template, is_whole, template_of
from exchange.exchanges.transitions import move
from exchange.moderation.silences import check_may_write
from exchange.peers.models import Notice
from members.accounts.models import User
from members.directory.models import Member


@transaction.atomic
def answer_exchange(*, party: Party, agrees: bool, edition: int, by: User) -> Exchange:
    """Agree to a plan for one party, or decline. Once all have agreed it is agreed; with nobody left it is over.

    Whoever has agreed and is asked about a change declines the change alone: the plan stays as it was.

    Args:
        edition: of the plan that `by` has read.

    Raises:
        PermissionDenied: `by` does not speak for the party.
        StaleExchangeError: the plan was changed since `by` read it.
        ValidationError: it has ended, this side has answered already, or its member cannot take part now.
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
    joins = party.joined_at is None
    exchange.answered_at = exchange.answered_at or timezone.now()
    exchange.save()
    if agrees:
        _agree(party, by)
        if party.person is None:
            party.person = by
        party.save()
        if joins:
            Participant.objects.get_or_create(party=party, user=by)
        record(verb="exchange_accepted", obj=exchange, by=by, member_id=party.member_id)
        if joins and exchange.agreed_at:
            emails.queue_news(exchange, "joined", by, party=party)
    elif exchange.is_changing and not joins:
        put_back(exchange)
        record(verb="exchange_change_refused", obj=exchange, by=by, member_id=party.member_id)
        emails.queue_news(exchange, "kept", by, party=party)
    else:
        party.state, party.answered_at, party.answered_by = Party.State.DECLINED, timezone.now(), by
        party.save()
        record(verb="exchange_declined", obj=exchange, by=by, member_id=party.member_id)
        emails.queue_news(exchange, "declined", by, party=party)
    settle(exchange, by)
    sync_people(exchange)
    return exchange


@transaction.atomic
def take_back_change(*, exchange: Exchange, by: User) -> Exchange:
    """Drop a change that waits for answers; the plan is again what all have agreed to.

    Raises:
        PermissionDenied: `by` may not change the plan.
        ValidationError: no change waits.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.change_exchange", by)
    if not exchange.is_changing:
        raise ValidationError(_("No change waits for an answer any more."))
    put_back(exchange)
    record(verb="exchange_change_taken_back", obj=exchange, by=by)
    emails.queue_news(exchange, "kept", by)
    settle(exchange, by)
    sync_people(exchange)
    return exchange


@transaction.atomic
def invite_party(*, exchange: Exchange, member: Member, by: User) -> Party:
    """Ask one more member to take part, on the side where several may be; whoever declined is not asked again.

    Raises:
        PermissionDenied: `by` does not lead it.
        ValidationError: it has ended, a change waits for answers, the member takes part already, has declined or
            cannot, or there are as many as may be.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.lead_exchange", by)
    move(exchange, "invite")
    if exchange.is_changing:
        raise ValidationError(_("A change of the plan waits for an answer. Ask one more member once it is settled."))
    template = template_of(exchange.format)
    known = exchange.parties.filter(member=member).first()
    if known and known.state != Party.State.LEFT:
        text = _("This member takes part already.") if known.is_in else _("This member has declined.")
        raise ValidationError({"member": text})
    party = known or Party(exchange=exchange, member=member)
    party.role, party.state, party.person = template.many, Party.State.INVITED, in_charge(member, by)
    party.asked_at, party.answered_at, party.answered_by, party.joined_at = timezone.now(), None, None, None
    check_parties(template, [*parties_in(exchange), party])
    party.save()
    if party.person:
        Participant.objects.get_or_create(party=party, user=party.person)
    record(verb="exchange_party_invited", obj=exchange, by=by, member_id=member.pk)
    emails.queue_proposal(party)
    emails.queue_news(exchange, "asked", by, party=party)
    return party


@transaction.atomic
def leave_exchange(*, party: Party, reason: str, by: User) -> None:
    """Take part no more; the others go on, and read why.

    Raises:
        PermissionDenied: `by` does not speak for the party.
        ValidationError: it has ended, the side has not agreed or takes part no more, the others cannot go on without
            it, or there is no reason.
    """
    if not by.has_perm("exchanges.answer_party", party):
        raise PermissionDenied
    exchange, _own = lock_exchange(party.exchange)
    check_may_write(by)
    move(exchange, "leave")
    party = exchange.parties.select_related("member").get(pk=party.pk)
    if not party.is_in or party.joined_at is None:
        raise ValidationError(_("Your side has not agreed, or takes part no more."))
    _check_goes_on(exchange, party)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: all sides read it.")})
    _leave_out(party, by)
    record(verb="exchange_left", obj=exchange, by=by, member_id=party.member_id, details={"reason": reason.strip()})
    emails.queue_news(exchange, "left", by, party=party, reason=reason.strip())
    settle(exchange, by)
    sync_people(exchange)


@transaction.atomic
def leave_out(*, party: Party, by: User) -> None:
    """Go on without a member that has not answered. It is told, and can be asked again.

    Raises:
        PermissionDenied: `by` does not lead the exchange.
        ValidationError: it has ended, the member has answered meanwhile, or the others cannot go on without it.
    """
    exchange, _own = lock_exchange(party.exchange, "exchanges.lead_exchange", by)
    move(exchange, "leave")
    party = exchange.parties.select_related("member").get(pk=party.pk)
    if party.state != Party.State.INVITED:
        raise ValidationError(_("%(member)s has answered meanwhile.") % {"member": party.member})
    _check_goes_on(exchange, party)
    _leave_out(party, by)
    record(verb="exchange_left_out", obj=exchange, by=by, member_id=party.member_id)
    emails.queue_left_out(party)
    settle(exchange, by)
    sync_people(exchange)


def _check_goes_on(exchange: Exchange, party: Party) -> None:
    if not goes_on([one for one in parties_in(exchange) if one.is_inside], without=party):
        raise ValidationError(_("Nothing is left of it without this side. Cancel the exchange instead."))


def _leave_out(party: Party, by: User) -> None:
    party.state, party.answered_at, party.answered_by = Party.State.LEFT, timezone.now(), by
    party.save()


def _agree(party: Party, by: User) -> None:
    """Let a party agree, without saving it; a member that cannot take part now only brings to an end what it began."""
    if party.joined_at is None and not party.member.takes_part:
        raise ValidationError(_("%(member)s cannot take part now.") % {"member": party.member})
    now = timezone.now()
    party.state, party.answered_at, party.answered_by = Party.State.AGREED, now, by
    party.joined_at = party.joined_at or now


def check_parties(template: Template, parties: Collection[Party]) -> None:
    """Raise a ValidationError where a part is played by more members than it may, or by one who cannot."""
    members = [one.member for one in parties]
    if len({one.pk for one in members}) < len(members):
        raise ValidationError({"partners": _("Each member takes part once.")})
    if len(members) < 2:
        raise ValidationError({"partners": _("Choose with whom.")})
    for party in parties:
        if party.pk is None and not party.member.takes_part:
            raise ValidationError({"partners": _("%(member)s cannot take part now.") % {"member": party.member}})
    for role in (template.gives, template.learns):
        most = MOST_PARTNERS if role == template.many else 1
        if sum(one.role == role for one in parties) > most:
            text = _("At most %(most)d in the part of: %(role)s.")
            raise ValidationError({"partners": text % {"most": most, "role": Party.Role(role).label}})


def goes_on(parties: Collection[Party], *, without: Party | None = None) -> bool:
    """Whether both parts are still played, so that somebody learns from somebody."""
    return len({one.role for one in parties if one != without}) > 1


def ask_anew(
    exchange: Exchange, parties: Collection[Party], own: frozenset[int], by: User, said: Mapping[str, Any]
) -> None:
    """Have every other side agree to a changed plan; whoever changed it has agreed.

    Args:
        own: the members that `by` speaks for.
        said: the plan until now, by field.
    """
    changed = [name for name, value in said.items() if getattr(exchange, name) != value]
    keep_agreed(exchange, said)
    move(exchange, "ask_anew")
    now = timezone.now()
    for party in parties:
        party.asked_at = now
        if party.member_id in own:
            _agree(party, by)
        else:
            party.state = Party.State.INVITED
        party.save()
        if party.state == Party.State.INVITED:
            emails.queue_proposal(party, changed=changed)


def settle(exchange: Exchange, by: User | None) -> None:
    """See what follows from the answers: all have agreed, or too few are left."""
    parties = [one for one in parties_in(exchange) if one.is_inside]
    if not exchange.is_open:
        return
    if not goes_on(parties):
        give_up(exchange, by, because=Exchange.Ended.ALONE, tell=False)
    elif (
        exchange.state == Exchange.State.PROPOSED
        and all(one.state == Party.State.AGREED for one in parties)
        and is_whole(exchange.format, parties)
    ):
        move(exchange, "agree")
        exchange.agreed_at = timezone.now()
        close_change(exchange)
        record(verb="exchange_agreed", obj=exchange, by=by)
        emails.queue_news(exchange, "agreed", by)
    elif exchange.state == Exchange.State.AGREED and not is_whole(exchange.format, parties):
        move(exchange, "fall_short")
        exchange.save()


def in_charge(member: Member, by: User, notice: Notice | None = None) -> User | None:
    """Return who looks after it for a member that `by` asks: nobody who wants to hear nothing from `by`, if others can."""
    blocked = blocked_ids(by)
    found = emails.people_to_tell(member, notice)
    found = [one for one in found if one.pk not in blocked] or found
    return found[0] if found else None
