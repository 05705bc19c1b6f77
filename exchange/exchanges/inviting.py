"""Who has which session in their calendar, and who writes to whom: both follow who takes part."""

from django.utils import timezone

from exchange.conversations.messaging import set_readers
from exchange.exchanges import emails
from exchange.exchanges.models import Exchange, Invitee, Participant, Session
from members.accounts.models import User

SENDS = {Exchange.State.AGREED, Exchange.State.RUNNING}  # what it stands at, also while a change waits


def sync_people(exchange: Exchange) -> None:
    """Let those who take part read the thread, and send invitations, updates and cancellations until calendars are right.

    Called at the end of each act that changes an exchange, a session or who takes part, in its transaction and under
    the lock of the exchange. While a plan waits for an answer nobody is invited, nor told what is new; while a change of
    what was agreed does, sessions go on as they were. Sessions that are over stay where they are.
    """
    people = people_of(exchange)
    if exchange.thread:
        set_readers(thread=exchange.thread, people=people.values())
    sends = exchange.stands_at in SENDS
    for session in exchange.sessions.ending_after(timezone.now()).prefetch_related("invitees__user"):
        live = session.cancelled_at is None and exchange.state != Exchange.State.CANCELLED
        known = {one.user_id: one for one in session.invitees.all()}
        for pk, invitee in known.items():
            if not live or pk not in people:
                emails.queue_calendar(session, invitee.user, method="CANCEL")
                invitee.delete()
        if live and sends:
            for pk, person in people.items():
                if pk not in known:
                    Invitee.objects.create(session=session, user=person, sequence=session.sequence)
                elif known[pk].sequence < session.sequence:
                    known[pk].sequence = session.sequence
                    known[pk].save(update_fields=["sequence"])
                else:
                    continue
                emails.queue_calendar(session, person, method="REQUEST", changed=pk in known)


def people_of(exchange: Exchange) -> dict[int, User]:
    """Return the active people of the parties inside, by their number; each is once, whatever parties they belong to."""
    rows = Participant.objects.filter(party__in=exchange.parties.inside(), user__is_active=True)
    rows = rows.select_related("user").order_by("pk")
    return {one.user_id: one.user for one in rows}


def cancel_sessions(exchange: Exchange) -> None:
    """Cancel the sessions to come of an exchange that ends before them."""
    for session in exchange.sessions.planned().ending_after(timezone.now()):
        cancel(session)


def cancel(session: Session) -> None:
    session.cancelled_at = session.changed_at = timezone.now()
    session.sequence += 1
    session.save(update_fields=["cancelled_at", "changed_at", "sequence"])
