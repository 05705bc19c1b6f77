"""Changing a state: the table of a room says which act leads from which states to which."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# By act: the states from which it is possible, and the state that it leads to; None leaves it as it is.
Transitions = Mapping[str, tuple[Collection[str], str | None]]


def check_state(row: Any, transitions: Transitions, act: str) -> None:
    """Check that `act` is possible for a row with a field `state`.

    Raises:
        ValidationError: it is not; the text says which state that is.
    """
    if row.state not in transitions[act][0]:
        raise ValidationError(
            _("This is not possible any more. The state is now: %(state)s.") % {"state": row.get_state_display()},
            code="state",
        )


def move_state(row: Any, transitions: Transitions, act: str) -> None:
    """Change the state of a row as `act` does, without saving it; raises what `check_state` does."""
    check_state(row, transitions, act)
    target = transitions[act][1]
    if target is not None:
        row.state = target
