"""What this room shows on other rooms' pages."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from exchange.connections.queries import are_connected
from exchange.conversations.models import Comment, Group
from exchange.conversations.reading import show_comments
from members.accounts.models import User
from members.directory.models import Office
from practices.library.models import Publication
from practices.library.whole import has_none

SHOWN = 5


def draw_talk(request: HttpRequest, publication: Publication) -> str:
    """Draw the newest questions and comments, and the way to all of them and to one more."""
    user = request.user
    if publication.state == Publication.State.UNPUBLISHED or not isinstance(user, User):
        return ""
    comments: list[Comment] = []
    if not has_none(publication, Comment):
        rows = Comment.objects.filter(publication=publication, parent=None).select_related("by")
        comments = list(rows.prefetch_related("mentions").order_by("-at", "-pk")[: SHOWN + 1])
    context = {
        "publication": publication,
        "shown": show_comments(comments[:SHOWN], user, publication) if comments else [],
        "more": len(comments) > SHOWN,
        "is_open": publication.state == Publication.State.PUBLISHED,
    }
    return render_to_string("exchange/conversations/talk_panel.html", context, request)


def draw_of_office(request: HttpRequest, office: Office) -> str:
    """Draw the groups of an office that the reader may see."""
    groups = list(Group.objects.visible_to(request.user).filter(office=office).with_rows())
    if not groups:
        return ""
    return render_to_string("exchange/conversations/office_panel.html", {"groups": groups}, request)


def draw_delivery(request: HttpRequest, _subject: object) -> str:
    """Draw the way to one's choices about messages."""
    return render_to_string("exchange/conversations/delivery_panel.html", request=request)


def draw_write_to(request: HttpRequest, person: User) -> str:
    """Draw the way to write to somebody one is connected with."""
    if not isinstance(request.user, User) or not are_connected(request.user, person):
        return ""
    return render_to_string("exchange/conversations/write_to_panel.html", {"person": person}, request)
