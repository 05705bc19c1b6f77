"""From a late payment to a member that only reads, and back. Nothing is ever deleted for a fee."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from config.journal.services import record
from members.directory.models import Member
from members.fees.emails import write_about
from members.fees.models import Invoice

REMINDERS = (14, 30)  # days after an invoice was due
LAPSES_AFTER, GRACE = 60, 90  # days overdue; days after that until nothing can be written any more
Standing = Member.Standing
_ORDER = [Standing.ACTIVE, Standing.LAPSED, Standing.READ_ONLY]


def standing_after(days_overdue: int) -> str:
    """Return how a member stands whose oldest unpaid invoice is so many days overdue."""
    if days_overdue >= LAPSES_AFTER + GRACE:
        return Standing.READ_ONLY
    return Standing.LAPSED if days_overdue >= LAPSES_AFTER else Standing.ACTIVE


def follow_up_invoices(today: date | None = None) -> dict[str, int]:
    """Send reminders and move members on; may run twice a day or at once.

    Returns:
        reminded, lapsed, read_only: how many of each.
    """
    today = today or timezone.localdate()
    counts = {"reminded": 0, Standing.LAPSED.value: 0, Standing.READ_ONLY.value: 0}
    for pk in Invoice.objects.overdue(today).order_by("due_on", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            for what in _follow_up(pk, today):
                counts[what] += 1
    return counts


def _follow_up(pk: int, today: date) -> list[str]:
    invoice = Invoice.objects.select_for_update(of=("self",)).select_related("member").get(pk=pk)
    if not Invoice.objects.overdue(today).filter(pk=pk).exists():
        return []  # it was paid meanwhile
    done = []
    days = invoice.days_overdue(today)
    due = sum(days >= after for after in REMINDERS)
    if due > invoice.reminded:
        Invoice.objects.filter(pk=pk).update(reminded=due)
        write_about(invoice, f"reminder_{due}")
        done.append("reminded")
    target = standing_after(days)
    member = Member.objects.select_for_update(of=("self",)).get(pk=invoice.member_id)
    if member.is_active and _ORDER.index(Standing(target)) > _ORDER.index(Standing(member.standing)):
        _set(member, target)
        write_about(invoice, target)
        done.append(target)
    return done


def restore_standing(member: Member, today: date | None = None) -> None:
    """Let a member stand as its unpaid invoices say, once one is paid; in the transaction of the payment."""
    today = today or timezone.localdate()
    member = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    oldest = Invoice.objects.overdue(today).filter(member=member).order_by("due_on").first()
    target = standing_after(oldest.days_overdue(today)) if oldest else Standing.ACTIVE
    if target != member.standing:
        _set(member, target)


def _set(member: Member, standing: str) -> None:
    member.standing = standing
    member.save(update_fields=["standing"])
    record(verb=f"standing_{standing}", obj=member, by=None, member_id=member.pk)
