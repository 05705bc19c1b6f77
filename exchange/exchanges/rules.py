"""Who may do what with exchanges."""

from typing import TYPE_CHECKING

import rules

from exchange.exchanges.plans import template_of
from exchange.exchanges.querysets import speaks_for
from members.directory.rules import is_administrator, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from exchange.exchanges.models import Exchange, Party
    from members.accounts.models import User

PAIR = 2  # members; among more not everybody decides for all


def _members(exchange: "Exchange") -> set[int]:
    return {one.member_id for one in exchange.taking_part}


def _inside(exchange: "Exchange") -> set[int]:
    return {one.member_id for one in exchange.parties.all() if one.is_inside}


def _joined(exchange: "Exchange") -> set[int]:
    return {one.member_id for one in exchange.taking_part if one.joined_at}


@rules.predicate
def is_of_party(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    """Whether they have any role at a member that takes part or is asked to."""
    return exchange is not None and bool(_members(exchange) & roles_of(user).members)


@rules.predicate
def speaks_for_party(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    return exchange is not None and bool(_members(exchange) & speaks_for(roles_of(user)))


@rules.predicate
def is_of_party_inside(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    """Whether they have any role at a member inside, see `PartyQuerySet.inside`."""
    return exchange is not None and bool(_inside(exchange) & roles_of(user).members)


@rules.predicate
def speaks_for_party_inside(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    return exchange is not None and bool(_inside(exchange) & speaks_for(roles_of(user)))


@rules.predicate
def runs(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    """Whether they speak for a party that has agreed, be it to the plan before a change that waits."""
    return exchange is not None and bool(_joined(exchange) & speaks_for(roles_of(user)))


@rules.predicate
def leads(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    """Whether they speak for a party that has agreed and may decide for all: in a network of nine not each of them.

    Between two members both lead. Among more it is the one whose part only one has, as the giver of a transfer network;
    until that one has agreed, everybody who has. Whoever is asked to join what is agreed counts once it has agreed.
    """
    if exchange is None:
        return False
    agreed = _joined(exchange)
    if len(_inside(exchange)) > PAIR:
        many = template_of(exchange.format).many
        alone = {one.member_id for one in exchange.parties.all() if one.role != many}
        agreed = agreed & alone or agreed
    return bool(agreed & speaks_for(roles_of(user)))


@rules.predicate
def is_one_of_two(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    """Whether they speak for one of two parties: whoever was asked may answer with another plan."""
    return exchange is not None and len(_members(exchange)) <= PAIR and speaks_for_party(user, exchange)


@rules.predicate
def coordinates_party(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    offices = roles_of(user).coordinates
    if exchange is None or not offices:
        return False
    return any(one.is_in and one.member.office_id in offices for one in exchange.parties.all())


@rules.predicate
def coordinates_party_inside(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    offices = roles_of(user).coordinates
    if exchange is None or not offices:
        return False
    return any(one.is_inside and one.member.office_id in offices for one in exchange.parties.all())


@rules.predicate
def takes_part(user: "User | AnonymousUser", exchange: "Exchange | None") -> bool:
    """Whether they are a participant, with a role at the member that they take part for."""
    if exchange is None or not roles_of(user).members:
        return False
    return any(
        person.user_id == user.pk
        for party in exchange.parties.all()
        if party.is_inside and party.member_id in roles_of(user).members
        for person in party.participants.all()
    )


@rules.predicate
def answers_for(user: "User | AnonymousUser", party: "Party | None") -> bool:
    return party is not None and party.member_id in speaks_for(roles_of(user))


@rules.predicate
def writes_somewhere(user: "User | AnonymousUser") -> bool:
    return bool(roles_of(user).writes_for)


@rules.predicate
def coordinates(user: "User | AnonymousUser") -> bool:
    return bool(roles_of(user).coordinates)


rules.add_perm("exchanges.add_exchange", writes_somewhere)
rules.add_perm("exchanges.view_exchange", is_of_party | coordinates_party | is_administrator)
rules.add_perm("exchanges.see_inside_exchange", is_of_party_inside | coordinates_party_inside | is_administrator)
rules.add_perm("exchanges.change_exchange", leads | is_one_of_two)
rules.add_perm("exchanges.lead_exchange", leads)
rules.add_perm("exchanges.cancel_exchange", leads | coordinates_party_inside | is_administrator)
rules.add_perm("exchanges.run_exchange", runs)  # sessions and outcomes
# Notes, tasks and files are also for those who take part and only read elsewhere.
rules.add_perm("exchanges.work_on_exchange", speaks_for_party_inside | takes_part)
rules.add_perm("exchanges.answer_party", answers_for)
rules.add_perm("exchanges.view_figures", coordinates | is_administrator)
