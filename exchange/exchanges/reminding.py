"""Reminders by mail. Each asks "what is due?", and a message has a key: to look twice, or late, does no harm."""

from datetime import timedelta

from django.utils import timezone

from exchange.exchanges import emails
from exchange.exchanges.inviting import SENDS, people_of
from exchange.exchanges.models import Exchange, Outcome, Party, Session

PROPOSAL_WAITS = (3, 7)  # days
SESSION_SOON = timedelta(days=2)
JUST_HEARD = timedelta(hours=12)  # whoever got an invitation or its update since then needs no reminder
REPORT_DUE = timedelta(days=7)  # after the last day
FOLLOW_UP = timedelta(days=182)  # after the end: half a year
LOOKED_BACK = timedelta(days=30)  # what is longer due was reminded of, or it is too late for that


def remind() -> None:
    """Queue all the reminders that are due. Safe to run twice."""
    remind_of_proposals()
    remind_of_sessions()
    remind_of_reports()
    ask_what_became_of_it()


def remind_of_proposals() -> None:
    now = timezone.now()
    waiting = Party.objects.waiting().select_related("member", "person", "exchange")
    for party in waiting.filter(asked_at__gt=now - LOOKED_BACK, asked_at__lte=now - timedelta(days=PROPOSAL_WAITS[0])):
        waited = (now - party.asked_at).days
        emails.queue_proposal(party, max(days for days in PROPOSAL_WAITS if days <= waited))


def remind_of_sessions() -> None:
    """Write to everybody who takes part, but not about a session that they have just heard of."""
    now = timezone.now()
    rows = Session.objects.planned().select_related("exchange")
    rows = rows.filter(exchange__state__in=SENDS, starts_at__gt=now, starts_at__lte=now + SESSION_SOON)
    for session in rows.filter(changed_at__lte=now - JUST_HEARD):
        for person in people_of(session.exchange).values():
            emails.queue_session_soon(session, person)


def remind_of_reports() -> None:
    today = timezone.localdate()
    running = Exchange.objects.filter(state=Exchange.State.RUNNING)
    for exchange in running.filter(ends_on__lte=today - REPORT_DUE, ends_on__gt=today - REPORT_DUE - LOOKED_BACK):
        emails.queue_report_due(exchange)


def ask_what_became_of_it() -> None:
    """Ask half a year after the end which recommendations were followed, where any is still open."""
    due = timezone.now() - FOLLOW_UP
    rows = Exchange.objects.filter(state=Exchange.State.COMPLETED, ended_at__lte=due, ended_at__gt=due - LOOKED_BACK)
    rows = rows.filter(outcomes__kind=Outcome.Kind.RECOMMENDATION, outcomes__done_at=None)
    for exchange in rows.distinct():
        emails.queue_follow_up(exchange)
