"""What this room shows on pages of the rooms below it."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from config.vocabulary.models import Pathway, Topic
from members.directory.models import Member
from practices.library.filters import PublicationFilter
from practices.library.models import Publication
from practices.sharing.feeds import feed_token
from practices.sharing.public import public_path


def draw_export(request: HttpRequest, found: PublicationFilter) -> str:
    """Draw the ways to take the list along, narrowed down as it is now, and to follow its pathways and topics."""
    query = request.GET.copy()
    query.pop("page", None)
    chosen = found.form.cleaned_data if found.form.is_valid() else {}
    context = {
        "query": f"?{query.urlencode()}" if query else "",
        "token": feed_token(request.user) if request.user.is_authenticated else "",
        "feeds": [
            (terms, code, term)
            for name, terms, model in (("pathway", "pathways", Pathway), ("topic", "topics", Topic))
            if chosen.get(name)
            for code, term in model.by_code().items()
            if code in chosen[name]
        ],
    }
    return render_to_string("practices/sharing/list_panel.html", context, request)


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
