"""What came of an exchange: outcomes, what becomes of recommendations, and what each side says of it."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from exchange.exchanges.locking import lock_exchange
from exchange.exchanges.models import Exchange, Feedback, Outcome, Party
from exchange.exchanges.transitions import move
from exchange.moderation.silences import check_may_write
from members.accounts.models import User
from practices.library.models import Publication

MOST_OUTCOMES = 60


@transaction.atomic
def add_outcome(
    *,
    exchange: Exchange,
    kind: str,
    text: str,
    publication: Publication | None,
    who: str,
    due_on: date | None,
    by: User,
) -> Outcome:
    """Record what came of it, while it runs or after its end. What is sent twice is recorded once.

    Raises:
        PermissionDenied: `by` speaks for no party that has agreed.
        ValidationError: it has not begun or was cancelled; or by field, what cannot be.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.run_exchange", by)
    check_may_write(by)
    move(exchange, "add_outcome")
    if exchange.outcomes.count() >= MOST_OUTCOMES:
        raise ValidationError(_("There are %(count)d of them already, as many as may be.") % {"count": MOST_OUTCOMES})
    outcome = Outcome(exchange=exchange, by=by)
    _write(outcome, kind=kind, text=text, publication=publication, who=who, due_on=due_on, by=by)
    if same := exchange.outcomes.filter(kind=kind, text=outcome.text, publication=publication).first():
        return same
    outcome.save()
    record(verb="exchange_outcome_added", obj=exchange, by=by, details={"kind": kind})
    return outcome


@transaction.atomic
def change_outcome(
    *,
    outcome: Outcome,
    kind: str,
    text: str,
    publication: Publication | None,
    who: str,
    due_on: date | None,
    by: User,
) -> Outcome:
    """Correct what was recorded.

    Raises:
        PermissionDenied: `by` speaks for no party that has agreed.
        ValidationError: it is gone; or by field, what cannot be.
    """
    exchange, outcome = _lock_outcome(outcome, by)
    check_may_write(by)
    _write(outcome, kind=kind, text=text, publication=publication, who=who, due_on=due_on, by=by)
    outcome.save()
    record(verb="exchange_outcome_changed", obj=exchange, by=by, details={"kind": kind})
    return outcome


@transaction.atomic
def remove_outcome(*, outcome: Outcome, by: User) -> None:
    """Take back what was recorded by mistake.

    Raises:
        PermissionDenied: `by` speaks for no party that has agreed.
        ValidationError: it is gone; or it is the only one of an exchange that was completed.
    """
    exchange, outcome = _lock_outcome(outcome, by)
    completed = exchange.state == Exchange.State.COMPLETED
    if completed and not exchange.reason and not exchange.outcomes.exclude(pk=outcome.pk).exists():
        raise ValidationError(_("It is the only outcome that was reported. Please correct it instead."))
    record(verb="exchange_outcome_removed", obj=exchange, by=by, details={"kind": outcome.kind, "text": outcome.text})
    outcome.delete()


def _lock_outcome(outcome: Outcome, by: User) -> tuple[Exchange, Outcome]:
    exchange, _own = lock_exchange(outcome.exchange, "exchanges.run_exchange", by)
    move(exchange, "add_outcome")
    found = exchange.outcomes.select_related("publication").filter(pk=outcome.pk).first()
    if found is None:
        raise ValidationError(_("It is no longer there."))
    return exchange, found


def _write(
    outcome: Outcome, *, kind: str, text: str, publication: Publication | None, who: str, due_on: date | None, by: User
) -> None:
    """Fill an outcome with what `by` says of it."""
    if publication and not by.has_perm("library.view_publication", publication):
        raise ValidationError({"publication": _("You cannot read this publication.")})
    if kind == Outcome.Kind.TAKEN_UP and publication is None:
        raise ValidationError({"publication": _("Say which practice was taken up.")})
    outcome.kind, outcome.text, outcome.publication = kind, text.strip(), publication
    outcome.who, outcome.due_on = (who.strip(), due_on) if kind == Outcome.Kind.RECOMMENDATION else ("", None)
    if kind != Outcome.Kind.RECOMMENDATION:
        outcome.done_at = None
    outcome.full_clean()


@transaction.atomic
def follow_up(*, outcome: Outcome, done: bool, by: User) -> None:
    """Say that a recommendation was followed, or that it was not yet. Doing so twice changes nothing.

    Raises:
        PermissionDenied: `by` neither speaks for a party nor takes part.
        ValidationError: it is no recommendation.
    """
    exchange, _own = lock_exchange(outcome.exchange, "exchanges.work_on_exchange", by)
    move(exchange, "follow_up")
    outcome.refresh_from_db()
    if outcome.kind != Outcome.Kind.RECOMMENDATION:
        raise ValidationError(_("Only recommendations are followed up."))
    if done != (outcome.done_at is not None):
        outcome.done_at = timezone.now() if done else None
        outcome.save(update_fields=["done_at"])
        verb = "exchange_recommendation_done" if done else "exchange_recommendation_reopened"
        record(verb=verb, obj=exchange, by=by, details={"outcome": outcome.pk})


@transaction.atomic
def give_feedback(*, party: Party, useful: int, text: str, by: User) -> Feedback:
    """Say for a party how useful it was. It can be changed until the others may read it.

    Raises:
        PermissionDenied: `by` does not speak for the party.
        ValidationError: it is not completed, the others read it already; or by field, what cannot be.
    """
    if not by.has_perm("exchanges.answer_party", party):
        raise PermissionDenied
    exchange, _own = lock_exchange(party.exchange)
    party = exchange.parties.get(pk=party.pk)
    check_may_write(by)
    move(exchange, "give_feedback")
    if not party.is_in:
        raise PermissionDenied
    given = Feedback.objects.filter(party=party).first()
    if given and is_open(exchange):
        raise ValidationError(_("The others read it already, so it cannot be changed any more."))
    feedback = given or Feedback(party=party)
    feedback.useful, feedback.text, feedback.by = useful, text.strip(), by
    feedback.full_clean()
    feedback.save()
    record(verb="exchange_feedback_given", obj=exchange, by=by, member_id=party.member_id)
    return feedback


def is_open(exchange: Exchange, now: datetime | None = None) -> bool:
    """Whether all feedback is read by all sides: every one has given its own, or fourteen days have passed."""
    if exchange.state != Exchange.State.COMPLETED or exchange.feedback_opens_at is None:
        return False
    if exchange.feedback_opens_at <= (now or timezone.now()):
        return True
    return not exchange.parties.taking_part().filter(feedback=None).exists()


def feedback_for(exchange: Exchange, members: "frozenset[int] | set[int]") -> list[Feedback]:
    """Return what the people of `members` may read of the feedback: their own side's, and all once it is open."""
    rows = Feedback.objects.filter(party__exchange=exchange).select_related("party__member", "by").order_by("pk")
    return list(rows if is_open(exchange) else rows.filter(party__member__in=members))
