"""What a membership costs. Exact decimals throughout: nothing here is ever a float."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

MONTHS = 12


class NoFeeError(Exception):
    """A schedule says nothing about such a member: its population is not known, or no band holds it."""


@dataclass(frozen=True)
class Band:
    """From how many inhabitants on what is paid, in the countries of a group; an empty group is every country."""

    amount: Decimal
    population_from: int = 0
    income_group: str = ""


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return an amount in the smallest coin of a currency (ISO 4217), halves up, as invoices are rounded."""
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), ROUND_HALF_UP)


def fee_by_bands(bands: Iterable[Band], population: int | None, income_group: str) -> Decimal:
    """Return the amount of the highest band that a member reaches; bands of its own group count before those of all.

    Raises:
        NoFeeError: the population is not known, or is below every band.
    """
    if population is None:
        raise NoFeeError
    own = [one for one in bands if one.income_group in {"", income_group} and one.population_from <= population]
    if not own:
        raise NoFeeError
    return max(own, key=lambda one: (one.income_group != "", one.population_from)).amount


def fee_per_inhabitant(
    rate: Decimal, population: int | None, minimum: Decimal | None, maximum: Decimal | None
) -> Decimal:
    """Return `rate` for each inhabitant, at least `minimum` and at most `maximum`.

    Raises:
        NoFeeError: the population is not known.
    """
    if population is None:
        raise NoFeeError
    fee = rate * population
    if maximum is not None:
        fee = min(fee, maximum)
    return max(fee, minimum) if minimum is not None else fee


def pro_rata(fee: Decimal, starts_on: date, ends_on: date) -> Decimal:
    """Return the part of a year's fee for a term that is shorter: a twelfth for each month that it touches."""
    months = (ends_on.year - starts_on.year) * MONTHS + ends_on.month - starts_on.month + 1
    return fee * min(months, MONTHS) / MONTHS
