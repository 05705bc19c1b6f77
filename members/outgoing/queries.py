"""Which mail may be seen by whom, and what is known of one message."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from config.outbox.models import Message, Suppression
from config.outbox.suppression import hash_address
from members.accounts.models import User
from members.directory.models import Invitation
from members.directory.rules import roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

MOST_FOUND = 200  # people whom one search names


def messages_visible_to(user: "User | AnonymousUser") -> "QuerySet[Message]":
    """Return all messages for administrators; for coordinators those to the people of their offices' members.

    Their own colleagues, and whom a member of theirs has invited, are such people. Administrators and people of other
    offices are not: their mail tells what waits elsewhere.
    """
    roles = roles_of(user)
    if roles.is_administrator:
        return Message.objects.all()
    if not roles.coordinates:
        return Message.objects.none()
    offices = roles.coordinates
    people = User.objects.filter(
        Q(member_roles__member__office__in=offices) | Q(office_roles__office__in=offices), is_administrator=False
    )
    elsewhere = User.objects.filter(office_roles__isnull=False).exclude(office_roles__office__in=offices)
    invited = Invitation.objects.filter(member__office__in=offices)
    return Message.objects.filter(
        (Q(user__in=people.values("pk")) & ~Q(user__in=elsewhere.values("pk")))
        | Q(user=None, recipient__in=invited.values("email"))
    )


def find_messages(messages: "QuerySet[Message]", text: str) -> "QuerySet[Message]":
    """Return those to an address, or to people whose name or address has `text` in it."""
    people = User.objects.filter(Q(name__icontains=text) | Q(email__icontains=text)).values_list("pk", flat=True)
    invited = Invitation.objects.filter(email__icontains=text).values_list("email", flat=True)
    addresses = {text, text.lower(), *invited[:MOST_FOUND]}
    return messages.filter(Q(recipient__in=addresses) | Q(user__in=list(people[:MOST_FOUND])))


def suppressions_of(message: Message) -> Sequence[Suppression]:
    """Return what the recipient of `message` gets no more, and since when."""
    return list(Suppression.objects.filter(address_hash=hash_address(message.recipient)).order_by("created_at"))


def repeats_of(message: Message) -> "QuerySet[Message]":
    """Return what was sent again of `message`, the first one first; `send_again` gives them such keys."""
    return Message.objects.filter(key__startswith=f"{message.kind}:again:{message.pk}:").order_by("pk")
