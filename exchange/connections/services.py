"""Every write to connections: ask, accept, decline, withdraw, remove."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from config.kit.templatetags.kit import day
from exchange.connections import emails
from exchange.connections.blocks import is_blocked
from exchange.connections.locking import lock_members, lock_people
from exchange.connections.models import Block, Connection
from exchange.connections.transitions import move
from exchange.moderation.silences import check_may_write
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import is_in_network, roles_of
from members.people.seeing import people_visible_to

MOST_OPEN = 20  # requests of one person that wait
MOST_A_DAY = 20  # requests by one person
MOST_OF_MEMBER = 50  # requests a day by all people of one member
DAY = timedelta(days=1)
AGAIN = timedelta(days=90)  # until the same person can be asked again

State = Connection.State


@transaction.atomic
def request_connection(*, to: User, message: str, by: User) -> Connection:
    """Ask somebody to connect. Where they have asked already, the two are connected at once.

    Whom `to` has blocked sees their request wait, as with a silent decline.

    Raises:
        PermissionDenied: one of the two does not belong to the network.
        ValidationError: there is something between the two already, a limit is reached, or nothing is said.
    """
    if not people_visible_to(by).filter(pk=to.pk).exists():
        raise PermissionDenied
    if to == by:
        raise ValidationError(_("This is you."))
    check_may_write(by)
    lock_members(roles_of(by).members)
    lock_people(by, to)
    if Block.objects.filter(blocker=by, blocked=to).exists():
        raise ValidationError(_("You have blocked this person. Unblock them first."))
    there: Connection | None = Connection.objects.between(by.pk, to.pk).live().first()
    if there and there.asker_id == to.pk and there.state in Connection.UNANSWERED:
        return _accept(there, by)
    if there and there.state == State.CONNECTED:
        raise ValidationError(_("You are connected already."))
    if there:
        raise ValidationError(_("You have asked already. The answer is still open."))
    _check_limits(to, by)
    connection = Connection(asker=by, asked=to, message=message.strip(), asked_at=timezone.now())
    connection.full_clean()
    connection.save()
    _record(connection, "connection_requested", by)
    if is_blocked(by, to):
        move(connection, "decline")
        connection.answered_at = connection.asked_at
        connection.save(update_fields=["state", "answered_at"])
    else:
        emails.queue_request(connection)
    return connection


@transaction.atomic
def accept_request(*, connection: Connection, by: User) -> Connection:
    """Accept: from then on the two see each other's address, as far as their own settings allow, and can write.

    Raises:
        PermissionDenied: it was not `by` who was asked.
        ValidationError: it was withdrawn, or accepted already; or whoever asked has left the network.
    """
    connection = _lock(connection, "answer", by)
    if not is_in_network(connection.asker):
        raise ValidationError(_("They are not in the network any more."))
    return _accept(connection, by)


@transaction.atomic
def decline_request(*, connection: Connection, by: User) -> Connection:
    """Decline without a word: whoever asked sees it wait.

    Raises:
        PermissionDenied: it was not `by` who was asked.
        ValidationError: it was answered or withdrawn.
    """
    connection = _lock(connection, "answer", by)
    move(connection, "decline")
    connection.answered_at = timezone.now()
    connection.save(update_fields=["state", "answered_at"])
    _record(connection, "connection_declined", by)
    return connection


@transaction.atomic
def withdraw_request(*, connection: Connection, by: User) -> Connection:
    """Take a request back, also one that was declined silently.

    Raises:
        PermissionDenied: `by` has not asked.
        ValidationError: it was accepted, or taken back already.
    """
    connection = _lock(connection, "withdraw", by)
    move(connection, "withdraw")
    return _end(connection, by, "connection_withdrawn")


@transaction.atomic
def remove_connection(*, connection: Connection, by: User) -> Connection:
    """End a connection; the other one is not told.

    Raises:
        PermissionDenied: `by` is none of the two.
        ValidationError: they are not connected.
    """
    connection = _lock(connection, "remove", by)
    move(connection, "remove")
    return _end(connection, by, "connection_removed")


def may_ask_again_at() -> datetime:
    """Return when somebody can be asked again whose request is taken back now."""
    return timezone.now() + AGAIN


def asks_again_at(person: User, *, by: User) -> datetime | None:
    """Return when `by` may ask somebody again whose request they have taken back; None where they may now."""
    mine = Connection.objects.filter(asker=by, asked=person, state=State.WITHDRAWN, ended_at__gt=timezone.now() - AGAIN)
    taken_back = mine.order_by("-ended_at").first()
    return taken_back.ended_at + AGAIN if taken_back and taken_back.ended_at else None


def _accept(connection: Connection, by: User) -> Connection:
    move(connection, "accept")
    connection.answered_at = timezone.now()
    connection.save(update_fields=["state", "answered_at"])
    _record(connection, "connection_accepted", by)
    emails.queue_accepted(connection)
    return connection


def _end(connection: Connection, by: User, verb: str) -> Connection:
    connection.ended_at, connection.ended_by = timezone.now(), by
    connection.save(update_fields=["state", "ended_at", "ended_by"])
    _record(connection, verb, by)
    return connection


def _lock(connection: Connection, act: str, by: User) -> Connection:
    if not by.has_perm(f"connections.{act}_connection", connection):
        raise PermissionDenied
    lock_people(connection.asker, connection.asked)
    locked: Connection = Connection.objects.select_related("asker", "asked").get(pk=connection.pk)
    return locked


def _check_limits(to: User, by: User) -> None:
    """Check what one person, and all people of one member, may ask.

    Raises:
        ValidationError: which limit is reached, and when it goes on.
    """
    mine, since = Connection.objects.filter(asker=by), timezone.now() - DAY
    if mine.filter(state__in=Connection.UNANSWERED).count() >= MOST_OPEN:
        raise ValidationError(
            _("%(most)s of your requests wait for an answer. Take one back before you ask the next person.")
            % {"most": MOST_OPEN}
        )
    if mine.filter(asked_at__gt=since).count() >= MOST_A_DAY:
        raise ValidationError(
            _("You have asked %(most)s people in 24 hours. Please go on tomorrow.") % {"most": MOST_A_DAY}
        )
    for member in Member.objects.filter(pk__in=roles_of(by).members).order_by("pk"):
        rows = Connection.objects.filter(asker__member_roles__member=member, asked_at__gt=since)
        if rows.count() >= MOST_OF_MEMBER:
            raise ValidationError(
                _("People of %(member)s have asked %(most)s people in 24 hours. Please go on tomorrow.")
                % {"member": member, "most": MOST_OF_MEMBER}
            )
    # Those declined silently and those never answered are the same to whoever asked, so one limit serves both.
    if again_at := asks_again_at(to, by=by):
        raise ValidationError(
            _("You have taken your request back. From %(day)s on you can ask again.") % {"day": day(again_at)}
        )


def _record(connection: Connection, verb: str, by: User) -> None:
    record(verb=verb, obj=connection, by=by, audience=Entry.Audience.NOBODY)
