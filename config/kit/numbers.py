"""Numbers as people type them, and as texts that are kept."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from babel.numbers import NumberFormatError, get_decimal_symbol, parse_decimal

from config.kit.countries import babel_locale


def plain_number(text: str) -> str:
    """Return a number typed as the active language writes it (12 500,50) in plain digits (12500.50); else `text`."""
    if not re.fullmatch(r"-?[\d\s.,'’]+", text):
        return text
    spaced = " ".join(text.split()).replace(" ", "\xa0")
    try:
        return format(parse_decimal(spaced, locale=babel_locale(), strict=True), "f")
    except (NumberFormatError, InvalidOperation):
        return text


def typed_number(plain: str) -> str:
    """Return a number in plain digits (1.125) as `plain_number` reads it again in the active language (1,125)."""
    if not re.fullmatch(r"-?\d+\.\d+", plain):
        return plain
    return plain.replace(".", get_decimal_symbol(babel_locale()))


def whole_number(text: str) -> int:
    """Return the number that a form or an address was made from; -1, which nothing is, where it is none."""
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def as_text(value: object) -> str:
    """Write a single value as working copies and tables hold it: numbers in plain digits, days as 2026-03-31."""
    if value is None:
        return ""
    if isinstance(value, Decimal | float):
        return format(Decimal(str(value)).normalize(), "f")
    return value.isoformat() if isinstance(value, date) else str(value)
