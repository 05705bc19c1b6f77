"""Which act leads an application from which states to which. Nothing else assigns `state`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

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
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state; the text says which that is.
    """
    if not is_possible(application, act):
        raise ValidationError(
            _("This is not possible any more. The state is now: %(state)s.")
            % {"state": application.get_state_display()},
            code="state",
        )
    application.state = TRANSITIONS[act][1]
