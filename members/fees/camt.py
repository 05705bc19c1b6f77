"""Bank statements of ISO 20022, camt.053 (BankToCustomerStatement), of any version: what came in, line by line.

Read are booked entries that credit the account, each transaction of a batch for itself; a reversed credit is money
that went back, and counts with a minus.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException


class BadStatementError(Exception):
    """The file is no camt.053 statement, or a line of it says no amount or day."""


@dataclass(frozen=True)
class Line:
    """Money that came in.

    Attributes:
        key: what the bank calls it; the same line in another file has the same.
        account: whose statement it is, by IBAN where it has one.
        texts: references and remittance information, as the payer gave them.
    """

    key: str
    account: str
    amount: Decimal
    currency: str
    booked_on: date
    payer: str
    texts: tuple[str, ...]


def read_statement(data: bytes) -> list[Line]:
    """Return the lines of a statement.

    Raises:
        BadStatementError: see there.
    """
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadStatementError(str(error)) from error
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    statements = root.findall("BkToCstmrStmt/Stmt")
    if root.tag != "Document" or not statements:
        raise BadStatementError(root.tag)
    try:
        return [line for one in statements for line in _lines(one)]
    except (InvalidOperation, ValueError, KeyError) as error:
        raise BadStatementError(repr(error)) from error


def _lines(statement: Element) -> Iterator[Line]:
    account = _text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id")
    for number, entry in enumerate(statement.findall("Ntry")):
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status != "BOOK":
            continue
        is_credit = _text(entry, "CdtDbtInd") == "CRDT"
        reversed_ = _text(entry, "RvslInd").lower() in {"true", "1"}
        if is_credit == reversed_:  # money that we paid, or that came back to us
            continue
        booked = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm") or _text(entry, "ValDt/Dt")
        day = date.fromisoformat(booked[:10])
        name = _text(entry, "AcctSvcrRef") or f"{_text(statement, 'Id')}:{number}"
        details = entry.findall("NtryDtls/TxDtls") or [entry]
        for part, detail in enumerate(details):
            amount = _amount(detail, entry, alone=len(details) == 1)
            own = _text(detail, "Refs/AcctSvcrRef") or (name if len(details) == 1 else f"{name}:{part}")
            value = Decimal(amount.text or "") * (1 if is_credit else -1)
            yield Line(
                key=_short(f"{account}:{own}:{'' if is_credit else 'back'}"), account=account, amount=value, currency=amount.attrib["Ccy"],
                booked_on=day, payer=_payer(detail), texts=tuple(_remittance(detail)),
            )  # fmt: skip


def _amount(detail: Element, entry: Element, *, alone: bool) -> Element:
    found = detail.find("Amt")
    if found is None:
        found = detail.find("AmtDtls/TxAmt/Amt")
    if found is None and alone:
        found = entry.find("Amt")
    if found is None:
        raise ValueError("A line says no amount")
    return found


def _payer(detail: Element) -> str:
    return _text(detail, "RltdPties/Dbtr/Nm") or _text(detail, "RltdPties/Dbtr/Pty/Nm")


def _remittance(detail: Element) -> Iterator[str]:
    for path in ("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Ustrd", "Refs/EndToEndId", "AddtlTxInf"):
        for node in detail.findall(path):
            if (text := (node.text or "").strip()) and text != "NOTPROVIDED":
                yield text


def _text(node: Any, path: str) -> str:
    found = node.find(path)
    return (found.text or "").strip() if found is not None else ""


def _short(key: str) -> str:
    return key if len(key) <= 150 else hashlib.sha256(key.encode()).hexdigest()
