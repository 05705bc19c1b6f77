"""Which act leads a revision from which states to which. Nothing else assigns `state`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

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
    """Check that `act` is possible from the present state.

    Raises:
        ValidationError: it is not; the text says which state that is.
    """
    if revision.state not in TRANSITIONS[act][0]:
        raise ValidationError(
            _("This is not possible any more. The state is now: %(state)s.") % {"state": revision.get_state_display()},
            code="state",
        )


def move(revision: Revision, act: str) -> None:
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state; the text says which that is.
    """
    check_state(revision, act)
    revision.state = TRANSITIONS[act][1]
