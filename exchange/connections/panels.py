"""What this room shows on other rooms' pages."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from exchange.connections.models import Block, Connection, Leave
from exchange.connections.services import may_ask_again_at
from members.accounts.models import User
from members.directory.rules import is_in_network


def draw_connection(request: HttpRequest, person: User) -> str:
    """Draw on a person's page how one is connected with them, and what one can do about it."""
    user = request.user
    if not isinstance(user, User) or person == user or not is_in_network(user):
        return ""
    connection = Connection.objects.between(user.pk, person.pk).live().first()
    # To whoever declined, a request of the other one is no more there: they may ask themselves.
    if connection and connection.asked_id == user.pk and connection.state == Connection.State.DECLINED:
        connection = None
    context = {
        "person": person,
        "connection": connection,
        "again_at": may_ask_again_at(),
        "is_mine": connection is not None and connection.asker_id == user.pk,
        "is_blocked": connection is None and Block.objects.filter(blocker=user, blocked=person).exists(),
    }
    return render_to_string("exchange/connections/person_panel.html", context, request)


def draw_leaving(request: HttpRequest, _subject: object) -> str:
    """Draw whether the reader gets messages about connections, and the button for the other."""
    has_left = Leave.objects.filter(user=request.user.pk).exists()
    return render_to_string("exchange/connections/leaving.html", {"has_left": has_left}, request)
