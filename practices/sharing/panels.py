"""What this room shows on pages of the rooms below it."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from members.directory.models import Member
from practices.library.models import Publication
from practices.search.filters import PublicationFilter
from practices.search.models import SavedSearch
from practices.sharing.feeds import TERMS, feed_token
from practices.sharing.public import public_path


def draw_export(request: HttpRequest, found: PublicationFilter) -> str:
    """Draw the ways to take the list along, narrowed down as it is now, and to follow its pathways and topics."""
    query = request.GET.copy()
    query.pop("page", None)
    context = {"query": f"?{query.urlencode()}" if query else ""} | _feeds_of(request, found)
    return render_to_string("practices/sharing/list_panel.html", context, request)


def draw_feed_links(request: HttpRequest, found: PublicationFilter) -> str:
    """Draw, for the head of the list's page, what tells a browser of the feeds of what is chosen."""
    return render_to_string("practices/sharing/list_head.html", _feeds_of(request, found), request)


def draw_search_feed(request: HttpRequest, saved: SavedSearch) -> str:
    """Draw the address of the feed of a saved search."""
    context = {"saved": saved, "token": feed_token(saved.user)}
    return render_to_string("practices/sharing/search_feed_panel.html", context, request)


def _feeds_of(request: HttpRequest, found: PublicationFilter) -> dict[str, Any]:
    chosen = found.form.cleaned_data if found.form.is_valid() else {}
    return {
        "token": feed_token(request.user) if request.user.is_authenticated else "",
        "feeds": [
            (terms, term)
            for terms, model in TERMS.items()
            if (codes := chosen.get(model.__name__.lower()))
            for code, term in model.by_code().items()
            if code in codes
        ],
    }


def draw_archive(request: HttpRequest, member: Member) -> str:
    """Draw, for those who may, the way to everything the member has here."""
    if not request.user.has_perm("sharing.export_member", member):
        return ""
    return render_to_string("practices/sharing/member_panel.html", {"member": member}, request)


def draw_take_along(request: HttpRequest, publication: Publication) -> str:
    """Draw the ways to take a publication along, and for its authors whether the public sees it."""
    if not isinstance(publication, Publication) or publication.state != Publication.State.PUBLISHED:
        return ""
    context = {
        "publication": publication,
        "public_path": public_path(publication) if publication.is_public else "",
        "may_show": request.user.has_perm("library.change_publication", publication),
    }
    return render_to_string("practices/sharing/take_along_panel.html", context, request)
