"""Figures about exchanges for coordinators, as a page and as a file."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kit.tables import guard, table_response
from exchange.exchanges.figures import KINDS, Figures, read_figures
from exchange.exchanges.models import Exchange
from members.accounts.requests import PersonRequest
from members.directory.models import Office
from members.directory.rules import roles_of


def figures(request: PersonRequest) -> HttpResponse:
    year = _year(request)
    rows = _read(request, year)
    first = Exchange.objects.order_by("proposed_at").values_list("proposed_at__year", flat=True).first()
    this = timezone.localdate().year
    context = {
        "whole": rows[0],
        "rows": rows[1:],
        "kinds": [one.label for one in KINDS],
        "outcomes": list(zip([one.label for one in KINDS], rows[0].by_kind, strict=True)),
        "most": max([1, *rows[0].by_kind]),
        "year": year,
        "query": f"?year={year}" if year else "",
        "years": range(this, (first or this) - 1, -1),
    }
    return render(request, "exchange/exchanges/figures.html", context)


@require_safe
def figures_table(request: PersonRequest, kind: str) -> HttpResponseBase:
    rows = _read(request, _year(request))
    columns = [
        "office", "asks", "asks_met", "days_to_first_answer", "unanswered", "proposed", "completed", "cancelled",
        *(f"outcome_{one}" for one in KINDS), "usefulness",
    ]  # fmt: skip
    return table_response(kind, name="exchanges", columns=columns, rows=_cells(rows))


def _cells(rows: list[Figures]) -> Iterator[list[str]]:
    for one in rows:
        cells = [
            one.asks,
            one.met,
            one.answer_days,
            one.unanswered,
            one.proposed,
            one.completed,
            one.cancelled,
            *one.by_kind,
            one.usefulness,
        ]
        name = one.office.name if one.office else _("All")
        yield [guard(name), *("" if cell is None else str(cell) for cell in cells)]


def _read(request: PersonRequest, year: int | None) -> list[Figures]:
    if not request.user.has_perm("exchanges.view_figures"):
        raise PermissionDenied
    roles = roles_of(request.user)
    offices = Office.objects.order_by("name", "pk")
    return read_figures(list(offices if roles.is_administrator else offices.filter(pk__in=roles.coordinates)), year)


def _year(request: PersonRequest) -> int | None:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else None
