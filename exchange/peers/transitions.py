"""Which act leads an ask or offer, or an introduction, from which states to which. Nothing else assigns `state`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from exchange.peers.models import Introduction, Notice

Notices = Notice.State
NOTICES: dict[str, tuple[frozenset[str], str]] = {
    "change": (frozenset({Notices.OPEN}), Notices.OPEN),
    "close": (frozenset({Notices.OPEN}), Notices.CLOSED),
    "reopen": (frozenset({Notices.CLOSED}), Notices.OPEN),
}
Proposals = Introduction.State
INTRODUCTIONS: dict[str, tuple[frozenset[str], str]] = {
    "answer": (frozenset({Proposals.PROPOSED}), Proposals.PROPOSED),
    "agree": (frozenset({Proposals.PROPOSED}), Proposals.AGREED),
    "decline": (frozenset({Proposals.PROPOSED}), Proposals.DECLINED),
    "withdraw": (frozenset({Proposals.PROPOSED}), Proposals.WITHDRAWN),
}


def move(row: Notice | Introduction, act: str) -> None:
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state; the text says which that is.
    """
    allowed, target = (NOTICES if isinstance(row, Notice) else INTRODUCTIONS)[act]
    if row.state not in allowed:
        raise ValidationError(
            _("This is not possible any more. The state is now: %(state)s.") % {"state": row.get_state_display()},
            code="state",
        )
    row.state = target
