"""Payments: by hand and from a bank statement, each line once, however often and from wherever it comes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.models import Message
from members.directory.models import Member
from members.directory.rules import forget_roles
from members.fees import payments
from members.fees.camt import BadStatementError, read_statement
from members.fees.invoicing import credit_invoice, payment_reference
from members.fees.models import Invoice, Payment, Statement
from members.fees.payments import import_statement, match_payment, record_payment
from members.fees.terms import begin_membership
from tests.factories import MemberFactory
from tests.members.money import flat_schedule, issuer, statement
from tests.threads import at_once

DAY = "2026-03-02"


@pytest.fixture
def invoice(cast):
    flat_schedule()
    issuer(cast.europe, series="EUROPE")
    return begin_membership(member=cast.lahti, starts_on=timezone.localdate(), by=cast.kaisa)


def pay(invoice, amount, by, **facts):
    return record_payment(invoice=invoice, amount=Decimal(amount), paid_on=timezone.localdate(), by=by, **facts)


def balance(invoice):
    return Invoice.objects.with_balance().get(pk=invoice.pk).open_amount


def bring(data, by, name="statement.xml"):
    return import_statement(upload=SimpleUploadedFile(name, data), by=by)


def test_part_whole_and_too_much(cast, invoice):
    told = []
    payments.register_paid(lambda one, by: told.append((one.pk, by)))
    try:
        for amount, still in (("500", "700"), ("700.00", "0"), ("0.50", "-0.50"), ("-0.50", "0")):
            pay(invoice, amount, cast.kaisa)
            assert balance(invoice) == Decimal(still)
    finally:
        payments._listeners.pop()
    assert told == [(invoice.pk, cast.kaisa)]
    assert Message.objects.filter(payload__what="paid").count() == 1
    assert Entry.objects.filter(verb="paid", member_id=cast.lahti.pk).count() == 4


def test_what_is_no_payment(cast, invoice):
    for amount in ("0", "0.00"):
        with pytest.raises(ValidationError, match="amount is needed"):
            pay(invoice, amount, cast.kaisa)
    with pytest.raises(ValidationError, match="still to come"):
        record_payment(
            invoice=invoice, amount=Decimal(1), paid_on=timezone.localdate() + timedelta(days=1), by=cast.kaisa
        )
    with pytest.raises(ValidationError, match="decimal places"):
        pay(invoice, "1.001", cast.kaisa)
    for somebody in (cast.alice, cast.bob, cast.carlos, cast.xavier, cast.nora):
        with pytest.raises(PermissionDenied):
            pay(invoice, "1", somebody)
    note = credit_invoice(invoice=invoice, reason="Wrong", by=cast.eva)
    with pytest.raises(ValidationError, match="not to credit notes"):
        pay(note, "1", cast.eva)
    assert not Payment.objects.exists()


def test_paying_lets_a_member_write_again(cast, invoice):
    Invoice.objects.update(due_on=date(2020, 1, 1))
    Member.objects.filter(pk=cast.lahti.pk).update(standing="read_only")
    pay(invoice, "1199.99", cast.kaisa)
    assert Member.objects.get(pk=cast.lahti.pk).standing == "read_only"
    pay(invoice, "0.01", cast.kaisa)
    assert Member.objects.get(pk=cast.lahti.pk).standing == "active"


@pytest.mark.django_db(transaction=True)
def test_two_payments_at_once_complete_it_once(cast, invoice):
    assert [type(one) for one in at_once(*[lambda: pay(invoice, "600", cast.kaisa)] * 2)] == [Payment, Payment]
    assert balance(invoice) == 0
    assert Message.objects.filter(payload__what="paid").count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "{reference}",
        "RF-{reference}",
        "Invoice {name}, thank you",
        "{spaced}",
        "  {lower} ",
        "{name}.",
        "Lasku:{reference}",
        "{spaced} 2026",
    ],
)
def test_line_finds_its_invoice(cast, invoice, text):
    reference = invoice.reference
    spaced = " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))
    said = text.format(reference=reference, name=invoice.name, spaced=spaced, lower=reference.lower())
    done = bring(statement(("A1", "1200.00", DAY, "Lahden kaupunki", [said])), cast.kaisa)
    assert [one.invoice_id for one in done.matched] == [invoice.pk]
    assert balance(invoice) == 0


def test_office_of_any_number_is_paid(cast, invoice):
    """Keys of offices are never given out twice, so one may have four digits."""
    Invoice.objects.filter(pk=invoice.pk).update(reference=payment_reference(1234, 2026, 123_456))
    invoice.refresh_from_db()
    assert len(invoice.reference) == 18
    test_line_finds_its_invoice(cast, invoice, "Lasku:{reference}")


def test_line_that_names_none_or_two_waits(cast, invoice):
    other = begin_membership(member=cast.pontevedra, starts_on=timezone.localdate(), by=cast.eva)
    done = bring(
        statement(
            ("A1", "1200.00", DAY, "Somebody", ["Membership"]),
            ("A2", "2400.00", DAY, "Both", [invoice.name, other.name]),
            ("A3", "1200.00", DAY, "Longer", [invoice.name + "0"]),
        ),
        cast.kaisa,
    )
    assert (done.matched, len(done.unmatched), done.known) == ([], 3, 0)
    first = Payment.objects.get(payer="Somebody")
    with pytest.raises(PermissionDenied):
        match_payment(payment=first, invoice=invoice, by=cast.alice)
    match_payment(payment=first, invoice=invoice, by=cast.kaisa)
    assert balance(invoice) == 0
    with pytest.raises(ValidationError, match="already"):
        match_payment(payment=first, invoice=other, by=cast.eva)


def test_same_line_counts_once(cast, invoice):
    line = ("A1", "600.00", DAY, "Lahti", [invoice.reference])
    first = statement(line)
    bring(first, cast.kaisa)
    with pytest.raises(ValidationError, match="imported already"):
        bring(first, cast.kaisa, name="copy.xml")
    done = bring(statement(line, ("A2", "600.00", DAY, "Lahti", [invoice.reference]), name="S2"), cast.kaisa)
    assert (len(done.matched), done.known) == (1, 1)
    bring(statement(line, account="FI2112345600000785", name="S3"), cast.kaisa)  # another account: another line
    assert balance(invoice) == Decimal("-600.00")
    assert Statement.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_same_statement_twice_at_once(cast, invoice):
    data = statement(*((f"A{n}", "10.00", DAY, "Lahti", [invoice.reference]) for n in range(40)))
    found = at_once(lambda: bring(data, cast.kaisa), lambda: bring(data, cast.ada))
    assert sorted(type(one).__name__ for one in found) == ["Imported", "ValidationError"]
    assert Payment.objects.count() == 40


def test_debits_pending_and_reversed_lines():
    data = statement(("A1", "5.00", DAY, "X", [])).decode()
    entry = data[data.index("<Ntry>") : data.index("</Ntry>") + 7]
    changed = {
        "DBIT": entry.replace("CRDT", "DBIT"),
        "pending": entry.replace("BOOK", "PDNG"),
        "back": entry.replace("CRDT</CdtDbtInd>", "DBIT</CdtDbtInd><RvslInd>true</RvslInd>"),
        "back to us": entry.replace("</CdtDbtInd>", "</CdtDbtInd><RvslInd>true</RvslInd>"),
    }
    lines = read_statement(data.replace(entry, entry + "".join(changed.values())).encode())
    assert [one.amount for one in lines] == [Decimal("5.00"), Decimal("-5.00")]
    assert len({one.key for one in lines}) == 2


def test_batch_counts_each_of_its_transactions():
    detail = "<TxDtls><Refs><AcctSvcrRef>{0}</AcctSvcrRef></Refs><Amt Ccy='EUR'>{1}</Amt></TxDtls>"
    data = statement(("B", "30.00", DAY, "X", [])).decode()
    start, end = data.index("<TxDtls>"), data.index("</TxDtls>") + 9
    both = data[:start] + detail.format("T1", "10.00") + detail.format("T2", "20.00") + data[end:]
    assert [(one.amount, one.booked_on) for one in read_statement(both.encode())] == [
        (Decimal("10.00"), date(2026, 3, 2)),
        (Decimal("20.00"), date(2026, 3, 2)),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"%PDF-1.7", b"<Document/>", b"<html><body>no</body></html>", b"\xff\xfe\x00", b"<Document><BkToCstmrStmt>",
        b'<!DOCTYPE x [<!ENTITY a "aa">]><Document>&a;</Document>',
        statement(("A1", "five", DAY, "X", [])), statement(("A1", "5", "yesterday", "X", [])),
        statement(("A1", "5", DAY, "X", [])).replace(b' Ccy="EUR"', b""),
    ],
)  # fmt: skip
def test_what_is_no_statement(data, cast):
    with pytest.raises(BadStatementError):
        read_statement(data)
    with pytest.raises(ValidationError, match="no bank statement"):
        bring(data, cast.kaisa)
    assert not Statement.objects.exists()


def test_only_those_who_keep_books_import(cast):
    for somebody in (cast.alice, cast.bob, cast.xavier, cast.nora):
        with pytest.raises(PermissionDenied):
            bring(statement(), somebody)


def test_pages_lead_from_the_file_to_the_invoice(cast, invoice, client):
    client.force_login(cast.kaisa)
    file = SimpleUploadedFile("s.xml", statement(("A1", "1200.00", DAY, "Lahden kaupunki", ["?"])))
    page = client.post(reverse("fees:bank"), {"file": file}).content.decode()
    assert "Lahden kaupunki" in page
    payment = Payment.objects.get()
    place = reverse("fees:payment_match", args=[payment.pk])
    assert invoice.name in client.get(place).content.decode()
    assert "There is no invoice with this number" in client.post(place, {"number": "EUROPE-2020-1"}).content.decode()
    assert client.post(place, {"number": invoice.name.lower()}).url == invoice.get_absolute_url()
    assert client.get(place).status_code == 404
    assert balance(invoice) == 0
    rows = b"".join(client.get(reverse("fees:invoice_table", args=["csv"])).streaming_content).decode().splitlines()
    assert len(rows) == 2
    assert ",1200.00,0.00,0.00,1200.00,1200.00,0.00,," in rows[1]


@pytest.mark.parametrize("number", [1, 3, 30])
def test_list_takes_as_many_queries_for_any_number(number, cast, client, django_assert_num_queries):
    flat_schedule()
    issuer(cast.europe, series="EUROPE")
    for _ in range(number):
        begin_membership(member=MemberFactory(office=cast.finland), starts_on=timezone.localdate(), by=cast.kaisa)
    client.force_login(cast.kaisa)
    with django_assert_num_queries(12):
        page = client.get(reverse("fees:invoice_list")).content.decode()
    assert page.count("EUROPE-") == number


def test_link_to_an_invoice_needs_no_account(cast, invoice, client):
    from members.fees.tokens import invoice_token

    token = invoice_token(invoice)
    assert client.get(reverse("fees:invoice_public", args=[token])).content.startswith(b"%PDF")
    for wrong in (token[:-1], str(invoice.pk), token.replace(str(invoice.pk), "1", 1) + "x"):
        assert client.get(reverse("fees:invoice_public", args=[wrong])).status_code == 404


FINNISH = "FI2112345600000785"


def unknown(person):
    return {one.payer for one in Payment.objects.visible_to(person).unmatched()}


def test_statement_is_the_matter_of_the_office_whose_account_it_is_of(cast, invoice):
    issuer(cast.finland, series="FINLAND", iban="FI21 1234 5600 0007 85")
    bring(statement(("A1", "5.00", DAY, "Of Finland", [])), cast.ada)  # Europe's account
    bring(statement(("A2", "5.00", DAY, "Brought by Kaisa", []), account=FINNISH, name="S2"), cast.ada)
    assert list(Statement.objects.order_by("pk").values_list("office", flat=True)) == [cast.europe.pk, cast.finland.pk]
    seen = {name: unknown(getattr(cast, name)) for name in ("ada", "eva", "kaisa", "alice", "xavier", "nora")}
    assert seen == {
        "ada": {"Of Finland", "Brought by Kaisa"}, "eva": {"Of Finland"}, "kaisa": {"Brought by Kaisa"}, "alice": set(),
        "xavier": set(), "nora": set(),
    }  # fmt: skip


def test_statement_of_an_account_that_nobody_knows_is_the_importers(cast, invoice):
    bring(statement(("A1", "5.00", DAY, "Kaisa", []), account=FINNISH), cast.kaisa)
    bring(statement(("A2", "5.00", DAY, "Ada", []), account=FINNISH, name="S2"), cast.ada)
    assert (unknown(cast.kaisa), unknown(cast.eva), unknown(cast.ada)) == ({"Kaisa"}, set(), {"Kaisa", "Ada"})


def test_whoever_imports_the_statement_of_another_office_sees_what_it_brought(cast, invoice):
    bring(statement(("A1", "5.00", DAY, "Somebody", [])), cast.kaisa)
    assert (unknown(cast.kaisa), unknown(cast.eva)) == ({"Somebody"}, {"Somebody"})
    cast.kaisa.office_roles.all().delete()
    forget_roles(cast.kaisa)
    assert unknown(cast.kaisa) == set()


def test_pages_show_no_payment_of_another_offices_statement(cast, invoice, client):
    bring(statement(("A1", "5.00", DAY, "Secret payer", [])), cast.ada)
    payment = Payment.objects.get()
    for person, sees in ((cast.kaisa, False), (cast.eva, True), (cast.ada, True)):
        client.force_login(person)
        assert ("Secret payer" in client.get(reverse("fees:bank")).text) == sees
        assert client.get(reverse("fees:payment_match", args=[payment.pk])).status_code == (200 if sees else 404)


@pytest.mark.parametrize("number", [1, 3, 300])
def test_lines_that_name_no_invoice_cost_no_query_each(number, cast, invoice, django_assert_num_queries):
    data = statement(*((f"A{n}", "5.00", DAY, f"Payer {n}", ["Thanks"]) for n in range(number)))
    bring(statement(account=FINNISH, name="S0"), cast.kaisa)
    with django_assert_num_queries(10):
        assert len(bring(data, cast.kaisa).unmatched) == number


def test_lines_of_one_file_settle_an_invoice_one_after_the_other(cast, invoice):
    other = begin_membership(member=cast.pontevedra, starts_on=timezone.localdate(), by=cast.eva)
    lines = [("A1", "500.00", invoice), ("A2", "1200.00", other), ("A3", "700.00", invoice), ("A4", "1.00", invoice)]
    told = []
    payments.register_paid(lambda one, by: told.append((one.pk, by)))
    try:
        bring(statement(*((ref, amount, DAY, "X", [one.reference]) for ref, amount, one in lines)), cast.eva)
    finally:
        payments._listeners.pop()
    assert told == [(other.pk, cast.eva), (invoice.pk, cast.eva)]
    assert (balance(invoice), balance(other)) == (Decimal("-1.00"), 0)


def test_same_line_twice_in_one_file_counts_once(cast, invoice):
    line = ("A1", "600.00", DAY, "Lahti", [invoice.reference])
    done = bring(statement(line, line), cast.kaisa)
    assert (len(done.matched), done.known, balance(invoice)) == (1, 1, Decimal("600.00"))


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_lines_at_once(cast, invoice):
    lines = [(f"A{n}", "10.00", DAY, "Lahti", [invoice.reference]) for n in range(40)]
    first, second = statement(*lines), statement(*reversed(lines), name="S2")
    found = at_once(lambda: bring(first, cast.kaisa), lambda: bring(second, cast.ada))
    assert sorted((len(one.matched), one.known) for one in found) == [(0, 40), (40, 0)]
    assert (Payment.objects.count(), balance(invoice)) == (40, Decimal("800.00"))
