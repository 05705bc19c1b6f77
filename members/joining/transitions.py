"""Which act leads an application from which states to which. Nothing else assigns `state`."""

from config.kit.transitions import move_state
from members.joining.models import Application

State = Application.State
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "submit": (Application.OPEN, State.SUBMITTED),
    "request_documents": (Application.AWAITING, State.DOCUMENTS_REQUESTED),
    "approve": (Application.AWAITING, State.APPROVED),
    "decline": (frozenset({State.SUBMITTED, State.DOCUMENTS_REQUESTED}), State.DECLINED),
    "withdraw": (frozenset({State.DRAFT, State.SUBMITTED, State.DOCUMENTS_REQUESTED}), State.WITHDRAWN),
    "call_off": (frozenset({State.APPROVED}), State.WITHDRAWN),
    "activate": (frozenset({State.APPROVED}), State.ACTIVE),
}


def is_possible(application: Application, act: str) -> bool:
    return application.state in TRANSITIONS[act][0]


def move(application: Application, act: str) -> None:
    """Change the state as `act` does; raises what `check_state` does."""
    move_state(application, TRANSITIONS, act)
