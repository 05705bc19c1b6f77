"""The acts that end an exchange: with a report, or given up with a reason."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from exchange.exchanges import emails
from exchange.exchanges.inviting import cancel_sessions, sync_people
from exchange.exchanges.locking import lock_exchange
from exchange.exchanges.models import Exchange, Party
from exchange.exchanges.transitions import move
from exchange.moderation.silences import check_may_write
from exchange.peers.services import fulfil_notice
from members.accounts.models import User


@transaction.atomic
def complete_exchange(*, exchange: Exchange, report: str, no_outcome: str, by: User) -> Exchange:
    """Bring it to its end with a report.

    The ask or offer that it comes from is fulfilled by that, where something came of it or its own member says so.

    Args:
        no_outcome: why nothing came of it; needed where no outcome was recorded.

    Raises:
        PermissionDenied: `by` does not lead it.
        ValidationError: it is not running; or by field, what is missing.
    """
    exchange, own = lock_exchange(exchange, "exchanges.lead_exchange", by)
    check_may_write(by)
    move(exchange, "complete")
    has_outcomes = exchange.outcomes.exists()
    report, no_outcome = report.strip(), no_outcome.strip()
    if not report:
        raise ValidationError({"report": _("Say what happened, in a few sentences.")})
    if not no_outcome and not has_outcomes:
        raise ValidationError({"no_outcome": _("Record an outcome first, or say in one sentence why there is none.")})
    exchange.report = report
    _end(exchange, "" if has_outcomes else no_outcome, by)
    record(verb="exchange_completed", obj=exchange, by=by)
    _leave_out_unanswered(exchange, by)
    if exchange.notice and (has_outcomes or exchange.notice.member_id in own):
        fulfil_notice(notice=exchange.notice, by=by)
    emails.queue_news(exchange, "completed", by)
    return exchange


@transaction.atomic
def cancel_exchange(*, exchange: Exchange, reason: str, by: User) -> Exchange:
    """Give it up, with a reason that all sides read. Its sessions to come leave everybody's calendar.

    Raises:
        PermissionDenied: `by` does not lead it, coordinates none of their offices and administers nothing.
        ValidationError: it has ended, or there is no reason.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.cancel_exchange", by)
    check_may_write(by)
    return give_up(exchange, by, reason=reason)


def cancel_by_itself(exchange: Exchange, because: str) -> None:
    """Give up what cannot go on, as after its members became one; nothing where it has ended. In a transaction.

    Args:
        because: one of `Exchange.Ended`.
    """
    exchange, _own = lock_exchange(exchange)
    if exchange.is_open:
        give_up(exchange, None, because=because)


def give_up(exchange: Exchange, by: User | None, *, reason: str = "", because: str = "", tell: bool = True) -> Exchange:
    """Give it up, in the transaction of an act that has locked it.

    Args:
        reason: what `by` wrote; empty only where `because` says it.
        because: one of `Exchange.Ended`.
        tell: whether the parties are told; not where they just were.

    Raises:
        ValidationError: it has ended, or there is no reason.
    """
    move(exchange, "cancel")
    if not (reason.strip() or because):
        raise ValidationError({"reason": _("Say why: all sides read it.")})
    exchange.ended_because, exchange.agreed_facts = because, None
    _end(exchange, reason.strip(), by)
    record(verb="exchange_cancelled", obj=exchange, by=by, details={"reason": exchange.reason or because})
    if tell:
        emails.queue_news(exchange, "cancelled", by)
    return exchange


def _leave_out_unanswered(exchange: Exchange, by: User) -> None:
    """Tell members that were asked to join and have not answered that it has ended without them."""
    for party in exchange.parties.filter(state=Party.State.INVITED).select_related("member", "person"):
        party.state, party.answered_at, party.answered_by = Party.State.LEFT, timezone.now(), by
        party.save()
        record(verb="exchange_left_out", obj=exchange, by=by, member_id=party.member_id)
        emails.queue_left_out(party)


def _end(exchange: Exchange, reason: str, by: User | None) -> None:
    exchange.reason, exchange.ended_at, exchange.ended_by = reason, timezone.now(), by
    exchange.clean_fields(exclude=["plan", "notice", "introduction", "proposed_by", "ended_by"])
    exchange.save()
    cancel_sessions(exchange)
    sync_people(exchange)
