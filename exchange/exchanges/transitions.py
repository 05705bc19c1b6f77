"""Which act leads an exchange from which states to which. Nothing else assigns `state`."""

from config.kit.transitions import check_state, move_state
from exchange.exchanges.models import Exchange

States = Exchange.State
OPEN = frozenset(Exchange.OPEN)
# None leaves the state as it is.
TRANSITIONS: dict[str, tuple[frozenset[str], str | None]] = {
    "change": (OPEN, None),
    "ask_anew": (OPEN, States.PROPOSED),
    "keep_plan": (frozenset({States.PROPOSED}), States.AGREED),  # a change of what was agreed is dropped
    "fall_short": (frozenset({States.AGREED}), States.PROPOSED),  # somebody left without whom it cannot be
    "invite": (OPEN, None),
    "answer": (OPEN, None),
    "leave": (OPEN, None),
    "agree": (frozenset({States.PROPOSED}), States.AGREED),
    "start": (frozenset({States.AGREED}), States.RUNNING),
    "complete": (frozenset({States.RUNNING}), States.COMPLETED),
    "cancel": (OPEN, States.CANCELLED),
    "work": (OPEN, None),  # sessions, people and tasks
    "add_outcome": (frozenset({States.RUNNING, States.COMPLETED}), None),
    "follow_up": (frozenset({States.RUNNING, States.COMPLETED}), None),
    "give_feedback": (frozenset({States.COMPLETED}), None),
}


# What is done as if no change waited for an answer: what runs goes on meanwhile.
MEANWHILE = frozenset({"add_outcome", "follow_up"})


def move(exchange: Exchange, act: str) -> None:
    """Change the state as `act` does; raises what `check_state` does."""
    check(exchange, act)
    if act not in MEANWHILE:
        move_state(exchange, TRANSITIONS, act)


def check(exchange: Exchange, act: str) -> None:
    """Check that `act` is possible in the present state; raises what `check_state` does."""
    if not may(exchange, act):
        check_state(exchange, TRANSITIONS, act)


def may(exchange: Exchange, act: str) -> bool:
    """Whether `act` is possible in the present state."""
    return (exchange.stands_at if act in MEANWHILE else exchange.state) in TRANSITIONS[act][0]
