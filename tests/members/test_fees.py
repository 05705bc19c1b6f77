"""What a membership costs, to the cent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from members.directory.models import Member
from members.fees.calculation import Band, NoFeeError, fee_by_bands, fee_per_inhabitant, pro_rata, rounded
from members.fees.income import IncomeGroup, income_group
from members.fees.invoicing import creditor_reference, payment_reference
from members.fees.models import FeeSchedule, Invoice, Term
from members.fees.terms import begin_membership, quote_for, renew_memberships, schedule_for
from tests.members.money import bands_of, flat_schedule, issuer
from tests.threads import at_once

MONEY = st.decimals(min_value=0, max_value=100_000, places=2)
PEOPLE = st.integers(min_value=0, max_value=40_000_000)
BANDS = [Band(Decimal(amount), start, group) for group, start, amount in bands_of()]


def test_twelve_hundred_euros_for_everybody(db, cast):
    flat_schedule()
    offer = quote_for(cast.lahti, date(2026, 3, 15), is_first=True)
    assert (offer.fee, offer.schedule.currency) == (Decimal("1200.00"), "EUR")
    assert (offer.starts_on, offer.ends_on) == (date(2026, 3, 15), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("country", "people", "fee"),
    [
        ("MW", 10_000, "450.00"), ("MK", 74_000, "900.00"), ("FI", 49_999, "1800.00"), ("FI", 50_000, "2400.00"),
        ("DE", 3_700_000, "5985.00"), ("IN", 40_000_000, "1500.00"),
    ],
)  # fmt: skip
def test_bands_by_population_within_income_group(country, people, fee):
    assert fee_by_bands(BANDS, people, income_group(country)) == Decimal(fee)


@pytest.mark.parametrize(
    ("people", "fee"),
    [(0, "231"), (29_999, "231"), (30_000, "231"), (30_001, "231.01"), (77_513, "596.85"), (1_948_051, "14999.99"),
     (1_948_052, "15000"), (40_000_000, "15000")],
)  # fmt: skip
def test_fee_for_each_inhabitant_between_limits(people, fee):
    found = fee_per_inhabitant(Decimal("0.0077"), people, Decimal(231), Decimal(15_000))
    assert rounded(found, "EUR") == Decimal(fee)


def test_what_is_not_known_costs_nothing_known():
    with pytest.raises(NoFeeError):
        fee_per_inhabitant(Decimal("0.0077"), None, None, None)
    with pytest.raises(NoFeeError):
        fee_by_bands(BANDS, None, IncomeGroup.HIGH)
    with pytest.raises(NoFeeError):
        fee_by_bands([Band(Decimal(1), 1_000)], 999, IncomeGroup.HIGH)


@given(first=PEOPLE, second=PEOPLE, group=st.sampled_from(IncomeGroup.values))
def test_more_people_never_pay_less(first, second, group):
    low, high = sorted([first, second])
    assert fee_by_bands(BANDS, low, group) <= fee_by_bands(BANDS, high, group)
    fees = [fee_per_inhabitant(Decimal("0.0077"), one, Decimal(231), Decimal(15_000)) for one in (low, high)]
    assert Decimal(231) <= fees[0] <= fees[1] <= Decimal(15_000)


@given(fee=MONEY, start=st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_months_of_a_year_are_twelfths(fee, start):
    part = pro_rata(fee, start, date(start.year, 12, 31))
    assert part == fee * (13 - start.month) / 12
    assert pro_rata(fee, date(start.year, 1, 1), date(start.year, 12, 31)) == fee
    assert rounded(part, "EUR") <= fee


@given(amount=st.decimals(min_value=-100_000, max_value=100_000, places=6))
def test_amounts_are_rounded_to_the_coin(amount):
    assert abs(rounded(amount, "EUR") - amount) <= Decimal("0.005")
    assert rounded(amount, "JPY") == rounded(amount, "JPY").to_integral()
    assert rounded(Decimal("0.005"), "EUR") == Decimal("0.01")


@given(
    office=st.integers(1, 999),
    year=st.integers(2000, 2099),
    number=st.integers(1, 99_999),
    digit=st.integers(4, 15),
    other=st.integers(1, 9),
)
def test_payment_references_check_themselves(office, year, number, digit, other):
    found = payment_reference(office, year, number)

    def remainder(reference):
        moved = reference[4:] + reference[:4]
        return int("".join(str(int(one, 36)) for one in moved)) % 97

    assert len(found) == 16
    assert remainder(found) == 1
    wrong = found[:digit] + str((int(found[digit]) + other) % 10) + found[digit + 1 :]
    assert remainder(wrong) != 1


def test_known_payment_reference():
    # The example in the Finnish banks' guide to RF references: RF18 5390 0754 7034.
    assert creditor_reference("539007547034") == "RF18539007547034"


def test_schedule_is_the_offices_own_before_that_of_all(db, cast):
    of_all, later = flat_schedule(year=2024), flat_schedule(year=2026, amount="1300")
    own = flat_schedule(year=2025, office=cast.finland)
    assert schedule_for(cast.finland, 2024) == of_all
    assert schedule_for(cast.finland, 2027) == own
    assert schedule_for(cast.europe, 2025) == of_all
    assert schedule_for(cast.europe, 2030) == later
    assert schedule_for(cast.europe, 2023) is None


def test_first_year_by_months_and_years_of_twelve(db, cast):
    flat_schedule(pro_rata=True)
    assert quote_for(cast.lahti, date(2026, 10, 2), is_first=True).fee == Decimal("300.00")
    assert quote_for(cast.lahti, date(2027, 1, 1), is_first=False).fee == Decimal("1200.00")
    FeeSchedule.objects.update(period="twelve_months")
    offer = quote_for(cast.lahti, date(2026, 10, 2), is_first=True)
    assert (offer.fee, offer.ends_on) == (Decimal("1200.00"), date(2027, 10, 1))
    assert quote_for(cast.lahti, date(2028, 2, 29), is_first=True).ends_on == date(2029, 2, 28)


def test_begin_membership_says_what_is_missing(db, cast):
    with pytest.raises(ValidationError, match="no fee schedule"):
        begin_membership(member=cast.lahti, starts_on=date(2026, 1, 1), by=cast.kaisa)
    FeeSchedule.objects.create(name="Each", year=2020, kind="per_inhabitant", rate=Decimal("0.01"))
    with pytest.raises(ValidationError, match="No office can issue"):
        begin_membership(member=cast.lahti, starts_on=date(2026, 1, 1), by=cast.kaisa)
    issuer(cast.bonn)
    Member.objects.update(population=None)
    cast.lahti.refresh_from_db()
    with pytest.raises(ValidationError, match="fill in its population"):
        begin_membership(member=cast.lahti, starts_on=date(2026, 1, 1), by=cast.kaisa)
    assert not Term.objects.exists()


def test_only_its_office_begins_a_membership(db, cast):
    flat_schedule()
    issuer(cast.bonn)
    for somebody in (cast.alice, cast.rita, cast.carlos, cast.eva, cast.nora):
        with pytest.raises(PermissionDenied):
            begin_membership(member=cast.lahti, starts_on=date(2026, 1, 1), by=somebody)
    begin_membership(member=cast.lahti, starts_on=date(2026, 1, 1), by=cast.kaisa)
    with pytest.raises(ValidationError, match="not over yet"):
        begin_membership(member=cast.lahti, starts_on=date(2026, 12, 31), by=cast.ada)
    begin_membership(member=cast.lahti, starts_on=date(2027, 1, 1), by=cast.ada)
    assert Invoice.objects.count() == 2


def test_years_are_renewed_sixty_days_before_their_end(db, cast):
    flat_schedule()
    issuer(cast.bonn)
    begin_membership(member=cast.lahti, starts_on=date(2026, 5, 1), by=cast.kaisa)
    assert renew_memberships(date(2026, 10, 31)) == 0
    assert renew_memberships(date(2026, 11, 1)) == 1
    assert renew_memberships(date(2026, 11, 3)) == 0
    assert [(one.starts_on, one.ends_on) for one in cast.lahti.terms.all()] == [
        (date(2027, 1, 1), date(2027, 12, 31)),
        (date(2026, 5, 1), date(2026, 12, 31)),
    ]
    assert renew_memberships(date(2027, 12, 31)) == 1
    Member.objects.filter(pk=cast.lahti.pk).update(is_active=False)
    assert renew_memberships(date(2028, 12, 31)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_renew_once(cast):
    flat_schedule()
    issuer(cast.bonn)
    begin_membership(member=cast.lahti, starts_on=date(2026, 5, 1), by=cast.kaisa)
    run = date(2026, 12, 1)
    assert sorted(at_once(lambda: renew_memberships(run), lambda: renew_memberships(run))) == [0, 1]
    assert cast.lahti.terms.count() == 2
    assert max(cast.lahti.terms.values_list("starts_on", flat=True)) - timedelta(days=1) == date(2026, 12, 31)
