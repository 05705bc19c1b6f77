"""Which act leads an import from which states to which. Nothing else assigns `state`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

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
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state; the text says which that is.
    """
    allowed, target = TRANSITIONS[act]
    if batch.state not in allowed:
        raise ValidationError(
            _("This is not possible any more. The state is now: %(state)s.") % {"state": batch.get_state_display()},
            code="state",
        )
    batch.state = target
