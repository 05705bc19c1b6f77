"""Membership years: what one costs, the first one, and the next."""

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.accounts.models import User
from members.directory.models import Member, Office
from members.fees.calculation import Band, NoFeeError, fee_by_bands, fee_per_inhabitant, pro_rata, rounded
from members.fees.income import income_group
from members.fees.invoicing import issue_invoice
from members.fees.models import FeeSchedule, Invoice, Term

logger = logging.getLogger(__name__)
RENEW_BEFORE = timedelta(days=60)


@dataclass(frozen=True)
class Quote:
    """What a membership year of somebody would be: both days belong to it; `fee` is without VAT."""

    schedule: FeeSchedule
    starts_on: date
    ends_on: date
    fee: Decimal


def schedule_for(office: Office, year: int) -> FeeSchedule | None:
    """Return the schedule of a year: the office's own latest one, else the latest that every office has."""
    known = FeeSchedule.objects.filter(year__lte=year).prefetch_related("bands").order_by("-year")
    return known.filter(office=office).first() or known.filter(office=None).first()


def quote(
    *, office: Office, country: str, population: int | None, starts_on: date, is_first: bool, year: int | None = None
) -> Quote:
    """Return what a membership year costs, by the schedule of `year`, which is that of its first day if not given.

    Raises:
        ValidationError: there is no schedule, or it says nothing about such a member.
    """
    schedule = schedule_for(office, year or starts_on.year)
    if schedule is None:
        raise ValidationError(_("There is no fee schedule for this office yet. An administrator can add one."))
    ends_on = _last_day(schedule, starts_on)
    try:
        fee = _fee(schedule, population, country)
    except NoFeeError:
        raise ValidationError(
            _("The fee schedule says nothing about a member of this size. Please fill in its population.")
        ) from None
    if is_first and schedule.pro_rata:
        fee = pro_rata(fee, starts_on, ends_on)
    return Quote(schedule, starts_on, ends_on, rounded(fee, schedule.currency))


def quote_for(member: Member, starts_on: date, *, is_first: bool) -> Quote:
    """Return what a membership year of a member costs; raises what `quote` does."""
    return quote(
        office=member.office,
        country=member.country,
        population=member.population,
        starts_on=starts_on,
        is_first=is_first,
    )


def _fee(schedule: FeeSchedule, population: int | None, country: str) -> Decimal:
    if schedule.kind == FeeSchedule.Kind.FLAT and schedule.amount is not None:
        amount: Decimal = schedule.amount
        return amount
    if schedule.kind == FeeSchedule.Kind.PER_INHABITANT and schedule.rate is not None:
        return fee_per_inhabitant(schedule.rate, population, schedule.minimum, schedule.maximum)
    bands = [Band(one.amount, one.population_from, one.income_group) for one in schedule.bands.all()]
    return fee_by_bands(bands, population, income_group(country))


def _last_day(schedule: FeeSchedule, starts_on: date) -> date:
    if schedule.period == FeeSchedule.Period.CALENDAR:
        return date(starts_on.year, 12, 31)
    if (starts_on.month, starts_on.day) == (2, 29):
        return date(starts_on.year + 1, 2, 28)
    return starts_on.replace(year=starts_on.year + 1) - timedelta(days=1)


def has_year(member: Member, day: date) -> bool:
    """Whether a member has a membership year that is not over on `day`, one whose invoice was not taken back."""
    return member.terms.in_force().filter(ends_on__gte=day).exists()


def begins_on(member: Member, today: date) -> date:
    """Return the first day of the year that a member without one would begin: of that whose invoice was taken back."""
    former = member.terms.filter(starts_on__lte=today, ends_on__gte=today).order_by("-starts_on").first()
    return former.starts_on if former else today


@transaction.atomic
def begin_membership(*, member: Member, starts_on: date, by: User) -> Invoice:
    """Begin a member's first year, or one after a gap, and issue its invoice.

    Raises:
        PermissionDenied: `by` does not look after this member.
        ValidationError: it has a year that is not over by then, or `quote` says why it costs nothing that is known.
    """
    if not by.has_perm("fees.bill_member", member):
        raise PermissionDenied
    member = Member.objects.select_for_update(of=("self",)).select_related("office").get(pk=member.pk)
    if has_year(member, starts_on):
        raise ValidationError(_("This member has a membership year that is not over yet."))
    return _begin(member, quote_for(member, starts_on, is_first=True), by)


def _begin(member: Member, offer: Quote, by: User | None) -> Invoice:
    facts = {
        "schedule": offer.schedule, "ends_on": offer.ends_on, "fee": offer.fee, "currency": offer.schedule.currency,
    }  # fmt: skip
    # One of the same day may stand there, whose invoice was taken back.
    term, _new = Term.objects.update_or_create(member=member, starts_on=offer.starts_on, defaults=facts)
    return issue_invoice(term=term, by=by)


def renew_memberships(today: date | None = None) -> int:
    """Begin the next year of every active member whose year ends within `RENEW_BEFORE`; may run twice or at once.

    A member whose fee cannot be worked out is left, logged, and tried again at the next run.

    Returns:
        How many years were begun.
    """
    today = today or timezone.localdate()
    ending = Term.objects.last_of_each().filter(
        ends_on__gte=today, ends_on__lte=today + RENEW_BEFORE, member__is_active=True
    )
    done = 0
    for pk in ending.order_by("ends_on", "pk").values_list("member", flat=True):
        try:
            done += _renew(pk, today)
        except ValidationError as error:
            logger.warning("Member %s is not renewed: %s", pk, " ".join(error.messages))
    return done


@transaction.atomic
def _renew(pk: int, today: date) -> bool:
    member = Member.objects.select_for_update(of=("self",)).select_related("office").get(pk=pk)
    last = member.terms.order_by("-starts_on").first()
    if last is None or last.ends_on > today + RENEW_BEFORE or not member.is_active:
        return False  # somebody was faster
    _begin(member, quote_for(member, last.ends_on + timedelta(days=1), is_first=False), None)
    return True
