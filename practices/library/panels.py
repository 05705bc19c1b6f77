"""What the library shows on pages of the floors below."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from members.directory.models import Member, Office
from practices.library.models import Publication

SHOWN = 6


def draw_publications_of(request: HttpRequest, owner: Member | Office) -> str:
    """Draw the newest publications of a member or an office."""
    mine = {"owner_member": owner} if isinstance(owner, Member) else {"owner_office": owner}
    readable = Publication.objects.visible_to(request.user).published().filter(**mine)
    newest = list(readable.with_cards().with_covers().order_by("-published_at", "-pk")[: SHOWN + 1])
    context = {"publications": newest[:SHOWN], "more": len(newest) > SHOWN, "owner": owner}
    return render_to_string("practices/library/publications_of.html", context, request)
