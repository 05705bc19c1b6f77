"""What this room writes: that somebody asks to connect, and that they are connected. One click ends both."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from exchange.connections.models import Connection, Leave
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import is_in_network, roles_of

LEAVE = Signer(salt="exchange.connections.leave")


def queue_request(connection: Connection) -> None:
    _queue(REQUEST, connection, connection.asked)


def queue_accepted(connection: Connection) -> None:
    """Tell whoever asked."""
    _queue(ACCEPTED, connection, connection.asker)


def leave_url(user: User) -> str:
    """Return the address that ends messages about connections with one click."""
    return absolute_url(reverse("connections:leave", args=[LEAVE.sign(str(user.pk))]))


def find_by_token(token: str) -> User | None:
    """Return whom a link was signed for; None where nobody signed it."""
    try:
        return User.objects.filter(pk=int(LEAVE.unsign(token)), is_active=True).first()
    except (BadSignature, ValueError):
        return None


def _queue(kind: Kind, connection: Connection, to: User) -> None:
    queue_message(
        kind=kind,
        key=str(connection.pk),
        to=to.email,
        user=to,
        language=to.language,
        payload={"connection": connection.pk},
    )


def _find(message: Message) -> Connection | None:
    rows = Connection.objects.select_related("asker", "asked")
    found: Connection | None = rows.filter(pk=message.payload["connection"]).first()
    return found


def _still_wanted(message: Message) -> bool:
    """Whether it is as it was, both still belong to the network, and the reader wants such messages."""
    connection = _find(message)
    if connection is None or not message.user or Leave.objects.filter(user=message.user).exists():
        return False
    state = Connection.State.WAITING if message.kind == REQUEST.name else Connection.State.CONNECTED
    return connection.state == state and is_in_network(connection.asker) and is_in_network(connection.asked)


def _render(message: Message) -> Rendered | None:
    connection = _find(message)
    if connection is None or message.user is None:
        return None
    asks = message.kind == REQUEST.name
    other = connection.other(message.user)
    leave = leave_url(message.user)
    path = reverse("connections:connection_list") if asks else reverse("people:person_detail", args=[other.pk])
    context = {
        "connection": connection,
        "other": other,
        "places": ", ".join(map(str, Member.objects.filter(pk__in=roles_of(other).members).order_by("name_en"))),
        "link": absolute_url(path),
        "leave_url": leave,
    }
    headers = {
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<connections.{settings.MAIL_DOMAIN}>",
    }
    return render_email("connections/request" if asks else "connections/accepted", message, context, headers)


REQUEST = register(
    Kind(
        name="connections.request",
        label=gettext_lazy("Request to connect"),
        render=_render,
        still_wanted=_still_wanted,
    )
)
ACCEPTED = register(
    Kind(
        name="connections.accepted",
        label=gettext_lazy("Request to connect, accepted"),
        render=_render,
        still_wanted=_still_wanted,
    )
)
