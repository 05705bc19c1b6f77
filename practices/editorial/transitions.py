"""Which act leads a revision from which states to which. Nothing else assigns `state`."""

from config.kit import transitions
from practices.editorial.models import Revision

State = Revision.State
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "submit": (frozenset({State.DRAFT, State.CHANGES_REQUESTED}), State.SUBMITTED),
    "take": (frozenset({State.SUBMITTED}), State.IN_REVIEW),
    "give_back": (frozenset({State.IN_REVIEW}), State.SUBMITTED),
    "assign": (frozenset(Revision.AWAITING), State.IN_REVIEW),
    "hand_over": (frozenset(Revision.AWAITING), State.SUBMITTED),
    "withdraw": (frozenset(Revision.OPEN), State.WITHDRAWN),
    "approved": (frozenset(Revision.AWAITING), State.APPROVED),
    "changes_requested": (frozenset(Revision.AWAITING), State.CHANGES_REQUESTED),
    "declined": (frozenset(Revision.AWAITING), State.DECLINED),
}


def check_state(revision: Revision, act: str) -> None:
    """Check that `act` is possible; raises what `config.kit.transitions.check_state` does."""
    transitions.check_state(revision, TRANSITIONS, act)


def move(revision: Revision, act: str) -> None:
    """Change the state as `act` does; raises what `check_state` does."""
    transitions.move_state(revision, TRANSITIONS, act)
