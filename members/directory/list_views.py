"""The list of members: what it shows, its map, the file of it, and members side by side."""

from dataclasses import asdict

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from config.kit.clusters import WORLD, Box
from config.kit.spots import read_zoom
from config.kit.tables import table_response
from members.accounts.requests import PersonRequest
from members.directory import choosing
from members.directory.comparing import FEWEST, MOST, choose_members, compare_members
from members.directory.filters import MemberFilter
from members.directory.mapping import box_of, read_spots
from members.directory.models import Member
from members.directory.rules import roles_of
from members.directory.tables import ALL_COLUMNS, MEMBER_COLUMNS, all_member_rows, member_rows

PAGE_SIZE = 24


def member_list(request: PersonRequest) -> HttpResponse:
    found = MemberFilter(request.GET, user=request.user)
    page = Paginator(found.left, PAGE_SIZE).get_page(request.GET.get("page"))
    total, on_map = page.paginator.count, request.GET.get("view") == "map"
    by_slug = {row.slug: row for row in found.rows}
    compared = [by_slug[slug] for slug in dict.fromkeys(request.GET.getlist("m")) if slug in by_slug]
    shown = {row.pk for row in page}
    cards = Member.objects.select_related("logo").in_bulk(shown)
    context = {
        "filter": found,
        "page": page,
        # A member may go away between the two readings.
        "cards": [
            (cards[row.pk], [found.terms[one] for one in row.values["pathway"]]) for row in page if row.pk in cards
        ],
        "heading": ngettext("%(count)d member", "%(count)d members", total) % {"count": total},
        "on_map": on_map,
        "box": box_of(found) if on_map else None,
        "compared": compared,
        "compared_slugs": [row.slug for row in compared],
        "elsewhere": [row for row in compared if row.pk not in shown],
        "can_compare": FEWEST <= len(compared) <= MOST,
        "too_many": len(compared) > MOST,
        "most": MOST,
        "may_import": roles_of(request.user).is_administrator,
        "query": f"?{request.GET.urlencode()}" if request.GET else "",
    }
    template = "members/directory/member_list.html"
    return render(request, f"{template}#listing" if request.htmx else template, context)


@require_safe
def member_map(request: PersonRequest) -> HttpResponse:
    """Give what one look at the map shows: `box` says which part, `zoom` how close, and the rest is the list's."""
    box = Box.read(request.GET.get("box", "")) or WORLD
    found = MemberFilter(request.GET, user=request.user)
    return JsonResponse(asdict(read_spots(found, box=box, zoom=read_zoom(request.GET.get("zoom", "")))))


@require_safe
def member_table(request: PersonRequest, kind: str) -> HttpResponseBase:
    """Send what the page of the list would show, all its pages together.

    Administrators get every column that an import takes, and with `?everybody=yes` those too that lists do not show.
    """
    if not roles_of(request.user).is_administrator:
        found = MemberFilter(request.GET, user=request.user).qs
        return table_response(kind, name="members", columns=MEMBER_COLUMNS, rows=member_rows(found))
    if request.GET.get("everybody"):
        members = Member.objects.visible_to(request.user).order_by("name_en", "pk")
    else:
        members = MemberFilter(request.GET, user=request.user).qs
    return table_response(kind, name="members", columns=ALL_COLUMNS, rows=all_member_rows(members))


@require_safe
def member_compare(request: PersonRequest) -> HttpResponse:
    members, notes = choose_members(request.GET.getlist("m"), request.user)
    enough = len(members) >= FEWEST
    context = {
        "members": members,
        "notes": notes,
        "facts": compare_members(members) if enough else [],
        "most": MOST,
    }
    return render(request, "members/directory/member_compare.html", context)


@require_safe
def member_names(request: PersonRequest) -> HttpResponse:
    """Return the names that fit what is typed into the field `of`, as options of its list."""
    text = request.GET.get(request.GET.get("of", ""), "").strip()
    found = choosing.find_members(text) if len(text) >= choosing.FEWEST else []
    return render(request, "members/directory/member_names.html", {"found": found[: choosing.MOST]})
