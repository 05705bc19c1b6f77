"""Which act leads a case from which state to which. Nothing else assigns `state`."""

from config.kit.transitions import move_state
from exchange.moderation.models import Case

State = Case.State
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "leave": (frozenset({State.OPEN}), State.LEFT),
    "hide": (frozenset({State.OPEN}), State.HIDDEN),
    "appeal": (frozenset({State.HIDDEN}), State.APPEALED),
    "restore": (frozenset({State.APPEALED}), State.RESTORED),
    "keep": (frozenset({State.APPEALED}), State.KEPT),
}


def move(case: Case, act: str) -> None:
    """Change the state as `act` does; raises what `check_state` does."""
    move_state(case, TRANSITIONS, act)
