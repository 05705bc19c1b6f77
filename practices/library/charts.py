"""Indicators as small charts, drawn on the server; the same figures stand in a table beside them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from practices.library.models import Indicator

WIDTH = 320  # of the longest bar, in the units of the drawing


@dataclass(frozen=True)
class Bars:
    """Before and after of one indicator; lengths in the units of the drawing."""

    indicator: Indicator
    before: int
    after: int


def indicator_bars(indicators: Iterable[Indicator]) -> list[Bars]:
    """Return the indicators that have both figures, neither below zero, so that a comparison can be drawn."""
    return [
        Bars(one, _length(one.baseline, one.value), _length(one.value, one.baseline))
        for one in indicators
        if one.baseline is not None and one.value is not None and min(one.baseline, one.value) >= 0
        if max(one.baseline, one.value) > 0
    ]


def _length(value: Decimal, other: Decimal) -> int:
    return round(WIDTH * value / max(value, other))
