"""Which act leads a case from which state to which. Nothing else assigns `state`."""

from config.kit.transitions import move_state
from exchange.moderation.models import Case

State = Case.State
TRANSITIONS: dict[str, tuple[str, str]] = {
    "leave": (State.OPEN, State.LEFT),
    "hide": (State.OPEN, State.HIDDEN),
    "appeal": (State.HIDDEN, State.APPEALED),
    "restore": (State.APPEALED, State.RESTORED),
    "keep": (State.APPEALED, State.KEPT),
}


def is_possible(case: Case, act: str) -> bool:
    return case.state == TRANSITIONS[act][0]


def move(case: Case, act: str) -> None:
    """Change the state as `act` does; raises what `check_state` does."""
    move_state(case, TRANSITIONS, act)
