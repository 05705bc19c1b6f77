"""Schedules, issuers and bank statements for the tests of fees."""

from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from members.fees.models import FeeSchedule, Issuer
from members.fees.payments import import_statement
from members.fees.terms import begin_membership


def flat_schedule(*, year=2020, office=None, amount="1200", **facts):
    """Make a schedule of one amount for everybody."""
    return FeeSchedule.objects.create(
        name="Yearly fee", year=year, office=office, kind="flat", amount=Decimal(amount), **facts
    )


def issuer(office, *, series="WORLD", **facts):
    """Let an office issue invoices."""
    return Issuer.objects.create(
        office=office, series=series, name="Network e.V.", address="Street 1\n53113 Bonn\nGermany",
        bic="COBADEFF", **{"iban": "DE89370400440532013000"} | facts,
    )  # fmt: skip


def bands_of():
    """Return (income group, inhabitants from, amount) of a schedule from 450 to 5,985 EUR."""
    steps = {
        "low": (450, 600, 900), "lower_middle": (600, 900, 1_500), "upper_middle": (750, 900, 2_500),
        "high": (1_800, 2_400, 5_985),
    }  # fmt: skip
    starts = (0, 50_000, 500_000)
    return [(group, at, amount) for group, amounts in steps.items() for at, amount in zip(starts, amounts, strict=True)]


def statement(*lines, account="DE89370400440532013000", name="S1"):
    """Return a camt.053 statement; each line is (bank's reference, amount, day, payer, [texts])."""
    entries = "".join(
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt>'
        f"</BookgDt><AcctSvcrRef>{ref}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>{payer}</Nm></Pty></Dbtr>"
        f"</RltdPties><RmtInf>{''.join(f'<Ustrd>{text}</Ustrd>' for text in texts)}</RmtInf></TxDtls></NtryDtls></Ntry>"
        for ref, amount, day, payer, texts in lines
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        f"<BkToCstmrStmt><Stmt><Id>{name}</Id><Acct><Id><IBAN>{account}</IBAN></Id></Acct>{entries}</Stmt>"
        "</BkToCstmrStmt></Document>"
    ).encode()


def owing(cast):
    """Return an invoice of Lahti's that Europe has issued for last year, and a payment of which nobody knows."""
    flat_schedule()
    issuer(cast.europe, series="EUROPE")
    last_year = date(timezone.localdate().year - 1, 1, 1)
    invoice = begin_membership(member=cast.lahti, starts_on=last_year, by=cast.kaisa)
    data = statement(("A1", "1200.00", "2026-01-02", "Somebody", ["Membership"]))
    done = import_statement(upload=SimpleUploadedFile("statement.xml", data), by=cast.kaisa)
    return invoice, done.unmatched[0]
