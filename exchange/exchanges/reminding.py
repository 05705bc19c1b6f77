"""Reminders by mail. Each asks "what is due?", and a message has a key: to look twice, or late, does no harm."""

from datetime import timedelta

from django.utils import timezone

from exchange.exchanges import emails
from exchange.exchanges.inviting import people_of
from exchange.exchanges.models import Exchange, Outcome, Party, Session, Task

PROPOSAL_WAITS = (3, 7)  # days
SESSION_SOON = timedelta(days=2)
JUST_HEARD = timedelta(hours=12)  # whoever got an invitation or its update since then needs no reminder
REPORT_DUE = (7, 28)  # days after the last day
TASK_SOON = timedelta(days=3)
FEEDBACK_WAITS = timedelta(days=7)  # half of the time after which the others read theirs anyway
FOLLOW_UP = timedelta(days=182)  # after the end: half a year
LOOKED_BACK = timedelta(days=30)  # what is longer due was reminded of, or it is too late for that


def remind() -> None:
    """Queue all the reminders that are due. Safe to run twice."""
    remind_of_proposals()
    remind_of_sessions()
    remind_of_tasks()
    remind_of_reports()
    remind_of_feedback()
    ask_what_became_of_it()
    ask_about_recommendations()


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
    rows = rows.filter(exchange__in=Exchange.objects.standing(), starts_at__gt=now, starts_at__lte=now + SESSION_SOON)
    for session in rows.filter(changed_at__lte=now - JUST_HEARD):
        for person in people_of(session.exchange).values():
            emails.queue_session_soon(session, person)


def remind_of_tasks() -> None:
    """Write to whoever has a task, and to all sides about a milestone of nobody: before its day, and once it has passed."""
    today = timezone.localdate()
    rows = Task.objects.filter(done_at=None, exchange__in=Exchange.objects.standing()).select_related("exchange", "who")
    for task in rows.filter(due_on__gte=today, due_on__lte=today + TASK_SOON):
        emails.queue_task(task, "soon")
    for task in rows.filter(due_on__gt=today - LOOKED_BACK, due_on__lt=today):
        emails.queue_task(task, "overdue")


def remind_of_reports() -> None:
    today = timezone.localdate()
    running = Exchange.objects.filter(state=Exchange.State.RUNNING, ends_on__gt=today - LOOKED_BACK)
    for exchange in running.filter(ends_on__lte=today - timedelta(days=REPORT_DUE[0])):
        waited = (today - exchange.ends_on).days
        emails.queue_report_due(exchange, max(days for days in REPORT_DUE if days <= waited))


def remind_of_feedback() -> None:
    """Ask the sides that have not said how useful it was, while theirs is still waited for."""
    due = timezone.now() - FEEDBACK_WAITS
    rows = Party.objects.owing_feedback().filter(exchange__ended_at__lte=due, exchange__ended_at__gt=due - LOOKED_BACK)
    for party in rows.select_related("exchange", "member", "person"):
        emails.queue_feedback_due(party)


def ask_what_became_of_it() -> None:
    """Ask half a year after the end which recommendations were followed, where any is still open."""
    due = timezone.now() - FOLLOW_UP
    rows = Exchange.objects.filter(state=Exchange.State.COMPLETED, ended_at__lte=due, ended_at__gt=due - LOOKED_BACK)
    rows = rows.filter(outcomes__kind=Outcome.Kind.RECOMMENDATION, outcomes__done_at=None)
    for exchange in rows.distinct():
        emails.queue_follow_up(exchange)


def ask_about_recommendations() -> None:
    """Ask about each recommendation once its own day has come."""
    today = timezone.localdate()
    rows = Outcome.objects.filter(kind=Outcome.Kind.RECOMMENDATION, done_at=None).exclude(
        exchange__state=Exchange.State.CANCELLED
    )
    for outcome in rows.filter(due_on__lte=today, due_on__gt=today - LOOKED_BACK).select_related("exchange"):
        emails.queue_recommendation_due(outcome)
