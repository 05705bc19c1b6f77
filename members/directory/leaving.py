"""What happens to somebody's work when they leave a member or an office: rooms above register how they hand it over."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from members.accounts.models import User
    from members.directory.models import Member, Office

HandOver = Callable[["User", "Member | Office", "User"], None]
_handovers: list[HandOver] = []


def register_leaving(hand_over: HandOver) -> None:
    """Have `hand_over(user, place, by)` called in the transaction in which `user` loses their role at `place`.

    The role is gone by then. Called from an AppConfig's ready().
    """
    _handovers.append(hand_over)


def hand_over_work(user: "User", place: "Member | Office", by: "User") -> None:
    """Let every room hand over what `user` had to do at `place`."""
    for hand_over in _handovers:
        hand_over(user, place, by)
