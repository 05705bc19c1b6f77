"""Who wants to hear nothing from whom. Every room that carries words from one person to another asks here."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from exchange.connections.locking import lock_people
from exchange.connections.models import Block, Connection
from exchange.connections.transitions import move
from members.accounts.models import User
from members.directory.rules import is_in_network


def blocked_ids(user: User) -> frozenset[int]:
    """Return whom `user` has blocked, and who has blocked `user`: nothing goes either way. One query."""
    rows = Block.objects.filter(Q(blocker=user) | Q(blocked=user)).values_list("blocker", "blocked")
    return frozenset(pk for pair in rows for pk in pair if pk != user.pk)


def is_blocked(one: User, other: User) -> bool:
    """Whether either of the two has blocked the other."""
    return Block.objects.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)).exists()


@transaction.atomic
def block_person(*, person: User, by: User) -> None:
    """Hear nothing from `person` any more. They are not told: what they had asked still looks as if it waited.

    Raises:
        PermissionDenied: `by` has left the network.
        ValidationError: it is `by` themselves.
    """
    if not is_in_network(by):
        raise PermissionDenied
    if person == by:
        raise ValidationError(_("You cannot block yourself."))
    lock_people(by, person)
    _block, created = Block.objects.get_or_create(blocker=by, blocked=person)
    connection = Connection.objects.between(by.pk, person.pk).live().first()
    if connection:
        _end(connection, by)
    if created:
        record(verb="person_blocked", obj=by, by=by)  # whom, is between the two and not for the journal


def unblock_person(*, person: User, by: User) -> None:
    """Let `person` write again; what has ended stays ended."""
    Block.objects.filter(blocker=by, blocked=person).delete()


def _end(connection: Connection, by: User) -> None:
    """End whatever there is between the two, as silently as it can be."""
    if connection.state == Connection.State.CONNECTED:
        move(connection, "remove")
    elif connection.asker_id == by.pk:
        move(connection, "withdraw")
    elif connection.state == Connection.State.WAITING:
        move(connection, "decline")
        connection.answered_at = timezone.now()
    if connection.state in {Connection.State.ENDED, Connection.State.WITHDRAWN}:
        connection.ended_at, connection.ended_by = timezone.now(), by
    connection.save()
