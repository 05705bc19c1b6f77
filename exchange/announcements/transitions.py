"""Which act leads an announcement from which states to which. Nothing else assigns `state`."""

from config.kit.transitions import move_state
from exchange.announcements.models import Announcement

State = Announcement.State
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "edit": (frozenset({State.DRAFT}), State.DRAFT),
    "delete": (frozenset({State.DRAFT}), State.DRAFT),
    "schedule": (frozenset({State.DRAFT}), State.SCHEDULED),
    "unschedule": (frozenset({State.SCHEDULED}), State.DRAFT),
    "start": (frozenset({State.SCHEDULED}), State.SENDING),
    "finish": (frozenset({State.SENDING}), State.SENT),
    "stop": (frozenset({State.SENDING}), State.STOPPED),
}


def move(announcement: Announcement, act: str) -> None:
    """Change the state as `act` does; raises what `check_state` does."""
    move_state(announcement, TRANSITIONS, act)
