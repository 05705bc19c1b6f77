"""Which act leads an announcement from which states to which. Nothing else assigns `state`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

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
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state; the text says which that is.
    """
    allowed, target = TRANSITIONS[act]
    if announcement.state not in allowed:
        raise ValidationError(
            _("This is not possible any more. The state is now: %(state)s.")
            % {"state": announcement.get_state_display()},
            code="state",
        )
    announcement.state = target
