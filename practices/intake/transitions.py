"""Which act leads an import from which states to which. Nothing else assigns `state`."""

from config.kit.transitions import move_state
from practices.intake.models import Batch

State = Batch.State
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "check_again": (frozenset({State.CHECKED, State.FAILED}), State.UPLOADED),
    "check": (frozenset({State.UPLOADED, State.CHECKING}), State.CHECKING),  # again, when a worker has died
    "report": (frozenset({State.CHECKING}), State.CHECKED),
    "import": (frozenset({State.CHECKED}), State.IMPORTING),
    "finish": (frozenset({State.IMPORTING}), State.DONE),
    "fail": (frozenset({State.CHECKING, State.IMPORTING}), State.FAILED),
    "abandon": (frozenset({State.UPLOADED, State.CHECKING, State.CHECKED, State.FAILED}), State.ABANDONED),
}


def move(batch: Batch, act: str) -> None:
    """Change the state as `act` does; raises what `check_state` does."""
    move_state(batch, TRANSITIONS, act)
