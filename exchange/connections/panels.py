"""What this room shows on other rooms' pages."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from exchange.connections.models import Block, Connection, Leave
from exchange.connections.services import asks_again_at, may_ask_again_at
from members.accounts.models import User
from members.directory.rules import is_in_network


def draw_connection(request: HttpRequest, person: User) -> str:
    """Draw on a person's page how one is connected with them, and what one can do about it."""
    user = request.user
    if not isinstance(user, User) or person == user or not is_in_network(user):
        return ""
    connection = Connection.objects.between(user.pk, person.pk).live().first()
    if connection and _is_declined_by(connection, user):
        connection = None
    context = {
        "person": person,
        "connection": connection,
        "again_at": may_ask_again_at(),
        "asks_again_at": None if connection else asks_again_at(person, by=user),
        "is_mine": connection is not None and connection.asker_id == user.pk,
        "is_blocked": connection is None and Block.objects.filter(blocker=user, blocked=person).exists(),
    }
    return render_to_string("exchange/connections/person_panel.html", context, request)


def draw_way_to(request: HttpRequest, person: User) -> str:
    """Draw, in a row about a person, the way to connect with them or to write. One query a page, however many rows."""
    user = request.user
    if not isinstance(user, User) or person == user or not is_in_network(user):
        return ""
    if not hasattr(request, "connections_of_user"):
        found = {one.other_id(user): one for one in Connection.objects.visible_to(user)}
        request.connections_of_user = found  # type: ignore[attr-defined]
    connection = request.connections_of_user.get(person.pk)  # type: ignore[attr-defined]
    if connection and _is_declined_by(connection, user):
        connection = None
    context = {
        "person": person,
        "is_connected": connection is not None and connection.state == Connection.State.CONNECTED,
        # Whatever waits is answered, or taken back, on their page.
        "waits": connection is not None and connection.state in Connection.UNANSWERED,
    }
    return render_to_string("exchange/connections/way_to.html", context, request)


def draw_leaving(request: HttpRequest, _subject: object) -> str:
    """Draw whether the reader gets messages about connections, and the button for the other."""
    has_left = Leave.objects.filter(user=request.user.pk).exists()
    return render_to_string("exchange/connections/leaving.html", {"has_left": has_left}, request)


def _is_declined_by(connection: Connection, user: User) -> bool:
    """Whether they have declined a request, which to them is no more there: they may ask themselves."""
    return connection.asked_id == user.pk and connection.state == Connection.State.DECLINED
