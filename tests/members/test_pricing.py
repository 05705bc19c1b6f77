"""What administrators keep about fees: schedules that stay as they were once somebody was billed, and issuers."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from config.journal.models import Entry
from members.fees.models import FeeSchedule, Invoice, Issuer
from members.fees.pricing import save_issuer, save_schedule
from members.fees.pricing_forms import BandsField, written
from members.fees.terms import begin_membership, quote
from tests.members.money import flat_schedule, issuer

FLAT = {"name": "Yearly fee", "year": "2026", "currency": "EUR", "kind": "flat", "amount": "1200", "period": "calendar"}
ISSUER = {"series": "FINLAND", "name": "Network ry", "address": "Street 1", "iban": "fi21 1234 5600 0007 85"}


@pytest.fixture
def ada(client, cast):
    client.force_login(cast.ada)
    return client


def errors(response):
    return dict(response.context["form"].errors)


@pytest.mark.parametrize(
    ("facts", "population", "fee"),
    [
        ({}, None, "1200.00"),
        (
            {"kind": "bands", "amount": "", "bands": "high; 0; 1,800\nhigh; 50 000; 2,400.50\n\n; 0; 99"},
            60_000,
            "2400.50",
        ),
        (
            {"kind": "per_inhabitant", "amount": "", "rate": "0.0077", "minimum": "231", "maximum": "15000"},
            100_000,
            "770.00",
        ),
    ],
)
def test_schedule_of_each_kind_is_added_and_counts(ada, cast, facts, population, fee):
    with override("en"):
        facts = {name: value.replace("50 000", "50,000") for name, value in facts.items()}
        answer = ada.post(reverse("fees:schedule_add"), FLAT | facts)
    assert answer.status_code == 302, errors(answer)
    day = timezone.localdate().replace(year=2026)
    offer = quote(office=cast.finland, country="FI", population=population, starts_on=day, is_first=True)
    assert offer.fee == Decimal(fee)
    assert Entry.objects.filter(verb="fee_schedule_set", by=cast.ada).count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount": ""}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"kind": "bands", "bands": ""}, "bands"),
        ({"kind": "bands", "bands": "high; 0"}, "bands"),
        ({"kind": "bands", "bands": "rich; 0; 5"}, "bands"),
        ({"kind": "bands", "bands": "high; -5; 5"}, "bands"),
        ({"kind": "bands", "bands": "high; 0; NaN"}, "bands"),
        ({"kind": "bands", "bands": "high; 0; 5\nhigh; 0; 6"}, "bands"),
        ({"kind": "per_inhabitant"}, "rate"),
        ({"kind": "per_inhabitant", "rate": "1", "minimum": "5", "maximum": "4"}, "maximum"),
        ({"currency": "XXX1"}, "currency"),
        ({"year": "2025"}, "year"),
        ({"year": "-1"}, "year"),
        ({"kind": "free"}, "kind"),
    ],
)
def test_schedule_that_cannot_be(ada, facts, field):
    flat_schedule(year=2025)
    answer = ada.post(reverse("fees:schedule_add"), FLAT | facts)
    assert answer.status_code == 200
    assert field in errors(answer)
    assert FeeSchedule.objects.count() == 1


def test_schedule_that_nobody_used_changes_and_one_that_somebody_used_is_followed(ada, cast):
    issuer(cast.europe)
    ada.post(reverse("fees:schedule_add"), FLAT | {"kind": "bands", "amount": "", "bands": "high; 0; 900\n; 0; 100"})
    schedule = FeeSchedule.objects.get()
    place = reverse("fees:schedule_edit", args=[schedule.pk])
    assert "high; 0; 900" in ada.get(place).text
    assert ada.post(place, FLAT).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.kind, schedule.amount, schedule.bands.count()) == ("flat", Decimal(1200), 0)

    begin_membership(member=cast.lahti, starts_on=timezone.localdate().replace(year=2026), by=cast.kaisa)
    page = ada.get(place).text
    assert "so it stays as it is" in page
    assert 'name="amount"' in page
    assert "disabled" in page
    ada.post(place, FLAT | {"amount": "5"})
    with pytest.raises(ValidationError, match="stays as it is"):
        save_schedule(schedule=schedule, bands=[], by=cast.ada)
    schedule.refresh_from_db()
    assert schedule.amount == Decimal(1200)

    next_one = f"{reverse('fees:schedule_add')}?after={schedule.pk}"
    assert 'value="2027"' in ada.get(next_one).text
    assert ada.post(next_one, FLAT | {"year": "2027", "amount": "1300"}).status_code == 302
    assert list(FeeSchedule.objects.order_by("year").values_list("year", "amount")) == [(2026, 1200), (2027, 1300)]


def test_bands_are_written_as_they_are_read(db):
    for language, amount in (("en", "5,985.50"), ("fi", "5 985,50")):
        with override(language):
            bands = BandsField().clean(f"high; 50000; {amount}\n; 0; 7")
            assert [(one.income_group, one.population_from, one.amount) for one in bands] == [
                ("high", 50_000, Decimal("5985.50")), ("", 0, Decimal(7)),
            ]  # fmt: skip
            again = BandsField().clean(written(bands))
            assert [one.amount for one in again] == [Decimal("5985.50"), Decimal(7)]


def test_issuer_is_added_and_its_letters_stay_once_used(ada, cast):
    flat_schedule()
    assert ada.post(reverse("fees:issuer_add"), ISSUER | {"office": cast.finland.pk}).status_code == 302
    made = Issuer.objects.get()
    assert (made.office, made.iban) == (cast.finland, "FI2112345600000785")
    place = reverse("fees:issuer_edit", args=[made.pk])
    assert ada.post(place, ISSUER | {"office": cast.finland.pk, "series": "SUOMI"}).status_code == 302
    begin_membership(member=cast.lahti, starts_on=timezone.localdate(), by=cast.kaisa)
    ada.post(place, ISSUER | {"office": cast.europe.pk, "series": "OTHER", "name": "Network Finland ry"})
    made.refresh_from_db()
    assert (made.office, made.series, made.name) == (cast.finland, "SUOMI", "Network Finland ry")
    assert Invoice.objects.get().seller["name"] == "Network ry"
    made.series = "OTHER"
    with pytest.raises(ValidationError, match="nobody else"):
        save_issuer(issuer=made, by=cast.ada)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"iban": "FI2112345600000786"}, "iban"),
        ({"iban": "x"}, "iban"),
        ({"series": "finland"}, "series"),
        ({"series": "EUROPE"}, "series"),
        ({"office": "0"}, "office"),
    ],
)
def test_issuer_that_cannot_be(ada, cast, facts, field):
    issuer(cast.europe, series="EUROPE")
    answer = ada.post(reverse("fees:issuer_add"), ISSUER | {"office": cast.finland.pk} | facts)
    assert field in errors(answer)
    assert Issuer.objects.count() == 1


@pytest.mark.parametrize("who", ["alice", "bob", "rita", "carlos", "kaisa", "eva", "xavier", "nora"])
def test_nobody_but_an_administrator_keeps_prices(cast, who):
    person = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        save_schedule(schedule=FeeSchedule(name="x", year=2026, kind="flat", amount=1), bands=[], by=person)
    with pytest.raises(PermissionDenied):
        save_issuer(issuer=Issuer(office=cast.finland), by=person)


def test_way_to_the_prices_is_shown_to_administrators_alone(client, cast):
    for person, shown in ((cast.kaisa, False), (cast.ada, True)):
        client.force_login(person)
        assert (reverse("fees:price_list") in client.get(reverse("fees:invoice_list")).text) == shown


@pytest.mark.parametrize("number", [1, 3, 30])
def test_list_of_prices_takes_as_many_queries_for_any_number(ada, number, django_assert_num_queries):
    for year in range(2020, 2020 + number):
        flat_schedule(year=year)
    with django_assert_num_queries(9):
        page = ada.get(reverse("fees:price_list")).text
    assert page.count("Yearly fee, from") == number
