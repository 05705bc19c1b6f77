"""Which act leads an exchange from which states to which. Nothing else assigns `state`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from exchange.exchanges.models import Exchange

States = Exchange.State
OPEN = frozenset(Exchange.OPEN)
# None leaves the state as it is.
TRANSITIONS: dict[str, tuple[frozenset[str], str | None]] = {
    "change": (OPEN, None),
    "ask_anew": (OPEN, States.PROPOSED),
    "invite": (OPEN, None),
    "answer": (OPEN, None),
    "agree": (frozenset({States.PROPOSED}), States.AGREED),
    "start": (frozenset({States.AGREED}), States.RUNNING),
    "complete": (frozenset({States.RUNNING}), States.COMPLETED),
    "cancel": (OPEN, States.CANCELLED),
    "work": (OPEN, None),  # sessions, people and tasks
    "add_outcome": (frozenset({States.RUNNING, States.COMPLETED}), None),
    "follow_up": (frozenset({States.RUNNING, States.COMPLETED}), None),
    "give_feedback": (frozenset({States.COMPLETED}), None),
}


def move(exchange: Exchange, act: str) -> None:
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state; the text says which that is.
    """
    allowed, target = TRANSITIONS[act]
    if exchange.state not in allowed:
        raise ValidationError(
            _("This is not possible any more. The state is now: %(state)s.") % {"state": exchange.get_state_display()},
            code="state",
        )
    exchange.state = target or exchange.state


def may(exchange: Exchange, act: str) -> bool:
    """Whether `act` is possible in the present state."""
    return exchange.state in TRANSITIONS[act][0]
