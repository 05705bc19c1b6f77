"""Invoices: numbers without gaps, documents that never change, and credit notes instead of deletion."""

import io
import os
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from pypdf import PdfReader

from config.outbox.models import Message
from members.directory.models import Contact, Member
from members.directory.rules import forget_roles, roles_of
from members.fees.document import invoice_pdf
from members.fees.invoicing import credit_invoice, issuer_of
from members.fees.models import Billing, Invoice, Series
from members.fees.standing import follow_up_invoices
from members.fees.terms import begin_membership
from tests.factories import MemberFactory
from tests.members.money import flat_schedule, issuer
from tests.threads import at_once, raised_at_once

PROCESSES, EACH = 8, 6
# What one of the processes does: an invoice for each of its members, and every third one is taken back by an error.
WORK = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from datetime import date
from django.db import transaction
from members.accounts.models import User
from members.directory.models import Member
from members.fees.terms import begin_membership
by = User.objects.get(email="ada@network.example")
for number, pk in enumerate(sys.argv[1:]):
    try:
        with transaction.atomic():
            begin_membership(member=Member.objects.get(pk=pk), starts_on=date(2026, 1, 1), by=by)
            if number % 3 == 2:
                raise KeyError
    except KeyError:
        pass
"""


@pytest.fixture
def ready(cast):
    flat_schedule()
    issuer(cast.bonn)
    issuer(cast.europe, series="EUROPE")
    return cast


def begin(cast, member=None, *, by=None, starts_on=None):
    return begin_membership(
        member=member or cast.lahti, starts_on=starts_on or timezone.localdate(), by=by or cast.kaisa
    )


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_processes_leave_no_gap_and_no_double(ready):
    members = [MemberFactory(office=ready.finland).pk for _ in range(PROCESSES * EACH)]
    head, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    environment = os.environ | {"DATABASE_URL": f"{head}/{connection.settings_dict['NAME']}"}
    started = [
        subprocess.Popen([sys.executable, "-c", WORK, *map(str, members[at::PROCESSES])], env=environment)
        for at in range(PROCESSES)
    ]
    assert [one.wait(120) for one in started] == [0] * PROCESSES
    kept = PROCESSES * (EACH - EACH // 3)
    assert sorted(Invoice.objects.values_list("number", flat=True)) == list(range(1, kept + 1))
    assert Invoice.objects.values("reference").distinct().count() == kept
    assert Series.objects.get().last == kept


def test_numbers_are_those_of_an_office_and_year(ready, time_machine):
    time_machine.move_to("2026-12-31 12:00+00:00", tick=False)
    names = [begin(ready).name, begin(ready, ready.pontevedra, by=ready.eva).name]
    time_machine.move_to("2027-01-02 12:00+00:00", tick=False)
    names += [begin(ready).name]
    assert names == ["EUROPE-2026-0001", "EUROPE-2026-0002", "EUROPE-2027-0001"]


def test_office_without_an_account_leaves_invoices_to_the_one_above(ready):
    assert issuer_of(ready.finland).series == "EUROPE"
    assert issuer_of(ready.bonn).series == "WORLD"
    assert begin(ready).office == ready.europe


def test_invoice_says_what_was_true_on_its_day(ready, settings):
    settings.VAT_RATE = Decimal("25.5")
    Billing.objects.create(
        member=ready.lahti,
        address="Kirjaamo\nPL 202\n15101 Lahti",
        reference="1275",
        vat_id="FI0149669-3",
        language="fi",
    )
    invoice = begin(ready, starts_on=date(2026, 1, 1))
    assert (invoice.net, invoice.vat, invoice.total) == (Decimal("1200.00"), Decimal("306.00"), Decimal("1506.00"))
    Billing.objects.update(reference="other")
    Member.objects.update(name="Other")
    again = Invoice.objects.select_related("member", "term", "credits").get(pk=invoice.pk)
    text = text_of(invoice_pdf(again))
    for part in ("Lasku", "EUROPE-", "Lahden kaupunki", "1275", "FI0149669-3", "25,5", "1 506", "DE89370400440532013000",
                 invoice.reference, "Suomi", "1. tammikuuta 2026", "31. joulukuuta 2026"):  # fmt: skip
        assert part in text, part
    assert "Other" not in text


def test_constraints_hold_what_services_promise(ready):
    invoice = begin(ready)
    for wrong in ({"total": Decimal(1)}, {"number": 7, "kind": "credit_note"}, {"credits": invoice.pk}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(**wrong)
    with pytest.raises(ProtectedError), transaction.atomic():
        ready.lahti.delete()


def test_credit_note_takes_all_of_it_back(ready):
    invoice = begin(ready)
    with pytest.raises(ValidationError, match="say why"):
        credit_invoice(invoice=invoice, reason=" ", by=ready.kaisa)
    for somebody in (ready.alice, ready.rita, ready.carlos, ready.nora):
        with pytest.raises(PermissionDenied):
            credit_invoice(invoice=invoice, reason="Wrong", by=somebody)
    note = credit_invoice(invoice=invoice, reason="The address was wrong.", by=ready.kaisa)
    assert (note.number, note.total, note.credits) == (2, Decimal("-1200.00"), invoice)
    assert "The address was wrong." in text_of(invoice_pdf(note))
    for again in (invoice, note):
        with pytest.raises(ValidationError, match="credit note"):
            credit_invoice(invoice=again, reason="Again", by=ready.kaisa)
    assert Invoice.objects.unpaid().count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_credit_notes_at_once_are_one(ready):
    invoice = begin(ready)

    def act():
        return credit_invoice(invoice=Invoice.objects.get(pk=invoice.pk), reason="Wrong", by=ready.ada)

    assert raised_at_once(act, act) == ["ValidationError"]
    assert list(Invoice.objects.order_by("pk").values_list("number", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_two_beginnings_at_once_are_one(ready):
    found = at_once(lambda: begin(ready), lambda: begin(ready))
    assert sorted(type(one).__name__ for one in found) == ["Invoice", "ValidationError"]


def test_those_who_pay_are_written_to_once(ready):
    Contact.objects.create(member=ready.lahti, function="billing", title="Accounts", email="accounts@lahti.example")
    Billing.objects.create(member=ready.lahti, language="fi")
    begin(ready)
    mails = Message.objects.filter(kind="fees.invoice").order_by("recipient")
    assert [(one.recipient, one.language) for one in mails] == [
        ("accounts@lahti.example", "fi"),
        ("alice@city.example", "en"),
    ]


def test_from_a_reminder_to_reading_only(ready, mail_to):
    invoice = begin(ready)
    mail_to("alice@city.example")
    due = Invoice.objects.get(pk=invoice.pk).due_on
    expected = {
        13: ({}, "active"), 14: ({"reminded": 1}, "active"), 15: ({}, "active"), 30: ({"reminded": 1}, "active"),
        59: ({}, "active"), 60: ({"lapsed": 1}, "lapsed"), 149: ({}, "lapsed"), 150: ({"read_only": 1}, "read_only"),
        400: ({}, "read_only"),
    }  # fmt: skip
    for days, (done, standing) in expected.items():
        found = follow_up_invoices(due + timedelta(days=days))
        assert {name: count for name, count in found.items() if count} == done, days
        assert Member.objects.get(pk=ready.lahti.pk).standing == standing
    assert Message.objects.filter(kind="fees.invoice", recipient="alice@city.example").count() == 5
    assert Invoice.objects.count() == 1


def test_read_only_member_reads_and_writes_nothing(ready):
    assert ready.bob.has_perm("directory.view_member", ready.lahti)
    Member.objects.update(standing="read_only")
    for somebody in (ready.alice, ready.bob):
        forget_roles(somebody)
        assert roles_of(somebody).in_network
        assert not roles_of(somebody).writes_for
    assert roles_of(ready.alice).liaison_of == {ready.lahti.pk}
    assert ready.alice.has_perm("fees.view_fees_of_member", ready.lahti)
