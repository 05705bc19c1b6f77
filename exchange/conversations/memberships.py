"""Which act leads a membership of a group from which states to which. Nothing else assigns `state`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from exchange.conversations.models import Membership

State = Membership.State
NEW = ""  # of a membership that is being made
OUT = frozenset({NEW, State.LEFT})
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    # By the person themselves
    "join": (OUT, State.MEMBER),
    "ask": (OUT, State.ASKED),
    "withdraw": (frozenset({State.ASKED}), State.LEFT),
    "accept": (frozenset({State.INVITED}), State.MEMBER),
    "refuse": (frozenset({State.INVITED}), State.LEFT),
    "leave": (frozenset({State.MEMBER}), State.LEFT),
    # By those who keep the group
    "approve": (frozenset({State.ASKED}), State.MEMBER),
    "decline": (frozenset({State.ASKED}), State.DECLINED),
    "invite": (OUT | {State.DECLINED, State.REMOVED}, State.INVITED),
    "remove": (frozenset({State.MEMBER, State.INVITED}), State.REMOVED),
    # With the group itself
    "end": (frozenset({State.ASKED, State.INVITED}), State.LEFT),
}
OWN_ACTS = ("join", "ask", "withdraw", "accept", "refuse", "leave")
KEEPERS_ACTS = ("approve", "decline", "invite", "remove")


def is_possible(membership: Membership, act: str) -> bool:
    return membership.state in TRANSITIONS[act][0]


def move(membership: Membership, act: str) -> None:
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state; the text says which that is.
    """
    if not is_possible(membership, act):
        state = membership.get_state_display() or _("Not in the group")
        raise ValidationError(
            _("This is not possible any more. The state is now: %(state)s.") % {"state": state}, code="state"
        )
    membership.state = TRANSITIONS[act][1]
