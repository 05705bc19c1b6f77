"""Finding publications: the list, which is the search too."""

from dataclasses import asdict

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from config.kit.clusters import WORLD, Box
from config.kit.spots import read_zoom
from members.accounts.requests import PersonRequest
from practices.search.filters import PublicationFilter
from practices.search.mapping import box_of, read_spots
from practices.search.results import read_results
from practices.search.suggestions import suggest
from practices.search.ways import ways_on

PAGE_SIZE = 20


def publication_list(request: PersonRequest) -> HttpResponse:
    found = PublicationFilter(request.GET, user=request.user)
    page = Paginator(found.ids, PAGE_SIZE).get_page(request.GET.get("page"))
    total, on_map = page.paginator.count, request.GET.get("view") == "map"
    heading = ngettext("%(count)d practice or project", "%(count)d practices and projects", total)
    context = {
        "filter": found,
        "page": page,
        "results": read_results(
            list(page),
            found.catalogue,
            request.user,
            terms=found.terms["pathway"],
            question=found.question,
            found=found.found,
        ),
        "heading": heading % {"count": total},
        "ways": [] if total else ways_on(found),
        "on_map": on_map,
        "box": box_of(found) if on_map else None,
    }
    template = "practices/search/publication_list.html"
    return render(request, f"{template}#listing" if request.htmx else template, context)


@require_safe
def publication_map(request: PersonRequest) -> HttpResponse:
    """Give what one look at the map shows: `box` says which part, `zoom` how close, and the rest is the list's."""
    found = PublicationFilter(request.GET, user=request.user)
    shown = read_spots(
        found,
        request.user,
        box=Box.read(request.GET.get("box", "")) or WORLD,
        zoom=read_zoom(request.GET.get("zoom", "")),
    )
    return JsonResponse(asdict(shown))


@require_safe
def suggest_publications(request: PersonRequest) -> HttpResponse:
    """Give the lines that stand under a search box while somebody types."""
    context = {"suggestions": suggest(request.GET.get("q", ""), request.user)}
    return render(request, "practices/search/suggestions.html", context)
