"""Which act leads an ask or offer, or an introduction, from which states to which. Nothing else assigns `state`."""

from config.kit.transitions import move_state
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
    """Change the state as `act` does; raises what `check_state` does."""
    move_state(row, NOTICES if isinstance(row, Notice) else INTRODUCTIONS, act)
