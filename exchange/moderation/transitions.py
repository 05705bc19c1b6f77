"""Which act leads a case from which state to which. Nothing else assigns `state`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

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
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state; the text says which that is.
    """
    if not is_possible(case, act):
        raise ValidationError(
            _("This is not possible any more. The state is now: %(state)s.") % {"state": case.get_state_display()},
            code="state",
        )
    case.state = TRANSITIONS[act][1]
