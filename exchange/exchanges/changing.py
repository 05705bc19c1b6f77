"""A change of what was agreed. Until all sides agree to it, what they agreed to before is kept and can be put back."""

from collections.abc import Mapping
from typing import Any

from exchange.exchanges.locking import has_begun, parties_in
from exchange.exchanges.models import Exchange, Party
from exchange.exchanges.plans import Template, template_of
from exchange.exchanges.transitions import move


def keep_agreed(exchange: Exchange, said: Mapping[str, Any]) -> None:
    """Keep what all sides have agreed to, before they are asked about something else.

    Args:
        said: the plan until now, by field.
    """
    if exchange.agreed_at and not exchange.is_changing:
        exchange.agreed_facts = dict(said)


def put_back(exchange: Exchange) -> None:
    """Let the plan be again what all sides agreed to last; they need not answer."""
    before = template_of(exchange.format)
    for name, value in exchange.as_agreed().items():
        setattr(exchange, name, value)
    for party in parties_in(exchange):
        party.role = same_part(before, template_of(exchange.format), party.role)
        if party.joined_at:
            party.state = Party.State.AGREED
        party.save()
    exchange.edition += 1
    move(exchange, "keep_plan")
    close_change(exchange)


def close_change(exchange: Exchange) -> None:
    """Write that no change waits any more; what was running goes on, unless it is to begin later now."""
    exchange.agreed_facts = None
    if exchange.started_at and has_begun(exchange):
        move(exchange, "start")
    exchange.save()


def same_part(before: Template, after: Template, role: str) -> str:
    """Return the part in another format that gives where `role` gives."""
    return after.gives if role == before.gives else after.learns
