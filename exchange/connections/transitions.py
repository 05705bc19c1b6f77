"""Which act leads a connection from which states to which. Nothing else assigns `state`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from exchange.connections.models import Connection

State = Connection.State
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    # Whoever declined can change their mind.
    "accept": (frozenset({State.WAITING, State.DECLINED}), State.CONNECTED),
    "decline": (frozenset({State.WAITING}), State.DECLINED),
    "withdraw": (frozenset({State.WAITING, State.DECLINED}), State.WITHDRAWN),
    "remove": (frozenset({State.CONNECTED}), State.ENDED),
}


def is_possible(connection: Connection, act: str) -> bool:
    return connection.state in TRANSITIONS[act][0]


def move(connection: Connection, act: str) -> None:
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state. The text does not say which that is: what was
            declined silently is nobody else's business.
    """
    if not is_possible(connection, act):
        raise ValidationError(
            _("This is not possible any more: it was answered or taken back meanwhile."), code="state"
        )
    connection.state = TRANSITIONS[act][1]
