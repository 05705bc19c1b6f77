"""What this room shows on pages of the rooms below it."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from exchange.peers.models import Notice
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.library.models import Publication

SHOWN = 10


def draw_ask_the_owner(request: HttpRequest, publication: Publication) -> str:
    """Draw the ways to ask the owner of a publication, or to offer a visit to one's own."""
    writes_for = roles_of(request.user).writes_for
    if publication.state != Publication.State.PUBLISHED or not writes_for or publication.owner_member_id is None:
        return ""
    own = publication.owner_member_id in writes_for
    context = {"publication": publication, "own": own, "asks": bool(writes_for - {publication.owner_member_id})}
    return render_to_string("exchange/peers/ask_the_owner_panel.html", context, request)


def draw_of_member(request: HttpRequest, member: Member) -> str:
    """Draw the open asks and offers of a member."""
    rows = Notice.objects.visible_to(request.user).open().filter(member=member).with_rows()
    notices = list(rows.order_by("kind", "-opened_at", "-pk")[:SHOWN])
    if not notices:
        return ""
    return render_to_string("exchange/peers/member_panel.html", {"notices": notices}, request)
