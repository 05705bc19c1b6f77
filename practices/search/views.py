"""Finding publications: the list, which is the search too."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from config.vocabulary.models import Term
from members.accounts.requests import PersonRequest
from practices.library.models import Publication
from practices.search.filters import Facet, PublicationFilter
from practices.search.matching import Match, match_passages

PAGE_SIZE = 20


@dataclass(frozen=True)
class Result:
    """A row of the list. `match` says why it was found, where there was a question."""

    publication: Publication
    pathways: list[Term]
    match: Match | None


def publication_list(request: PersonRequest) -> HttpResponse:
    readable = Publication.objects.visible_to(request.user).published()
    found = PublicationFilter(request.GET, queryset=readable, request=request)
    page = Paginator(found.ids, PAGE_SIZE).get_page(request.GET.get("page"))
    total = page.paginator.count
    heading = ngettext("%(count)d practice or project", "%(count)d practices and projects", total)
    context = {
        "filter": found,
        "page": page,
        "results": read_results(found, page),
        "heading": heading % {"count": total},
        "narrowest": None if total else narrowest(found),
    }
    template = "practices/search/publication_list.html"
    return render(request, f"{template}#listing" if request.htmx else template, context)


def read_results(found: PublicationFilter, page: "Page[int]") -> list[Result]:
    """Return what a page of the list shows: two queries, with a question five."""
    rows = found.queryset.filter(pk__in=list(page)).select_related("owner_member", "owner_office").with_covers()
    if found.question:
        rows = rows.select_related("practice", "project")
    known = {one.pk: one for one in rows}
    shown = [known[pk] for pk in page if pk in known]
    matches = (
        match_passages(shown, found.question, found.found, reads=found.reads) if found.question and found.found else {}
    )
    pathways = found.terms["pathway"]
    codes = found.catalogue.values_of("pathway", [one.pk for one in shown])
    return [
        Result(one, [pathways[code] for code in pathways if code in codes[one.pk]], matches.get(one.pk))
        for one in shown
    ]


def narrowest(found: PublicationFilter) -> Facet | None:
    """Return the facet without whose choices there would be the most publications; None where none helps."""
    best = max(found.narrowed, key=lambda facet: facet.without, default=None)
    return best if best and best.without else None
