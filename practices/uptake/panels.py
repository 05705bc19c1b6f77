"""What this room shows on pages of the rooms below it."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count
from django.http import HttpRequest
from django.template.loader import render_to_string

from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.library.models import Publication
from practices.library.whole import has_none
from practices.uptake.models import Bookmark, BookmarkList, Uptake

SHOWN = 12
LESSONS = 6


def draw_use_it(request: HttpRequest, publication: Publication) -> str:
    """Draw the ways to record what one's own member does with it, and to keep it."""
    published = publication.state == Publication.State.PUBLISHED
    if not (published and roles_of(request.user).in_network):
        return ""
    members = roles_of(request.user).writes_for - {publication.owner_member_id}
    mine = _uptake_of(publication, members) if members and not has_none(publication, Uptake) else []
    own = BookmarkList.objects.owned_by(request.user).filter(bookmarks__publication=publication)
    kept = [] if has_none(publication, Bookmark) else list(own.order_by("name", "pk"))
    context = {
        "publication": publication,
        "mine": mine,
        "may_record": bool(members - {one.member_id for one in mine}),
        "kept": kept,
    }
    return render_to_string("practices/uptake/use_it_panel.html", context, request)


def draw_who_uses_it(request: HttpRequest, publication: Publication) -> str:
    """Draw who takes it up, how many in which state, and what those learned who dropped it."""
    if publication.state == Publication.State.UNPUBLISHED:
        return ""
    known = {} if has_none(publication, Uptake) else _read_users(publication, request.user)
    return render_to_string("practices/uptake/who_uses_it_panel.html", {"publication": publication} | known, request)


def _read_users(publication: Publication, user: User | AnonymousUser) -> dict[str, Any]:
    rows = Uptake.objects.visible_to(user).filter(publication=publication)
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    shown = rows.with_rows(user).most_useful_first()
    using = list(shown.exclude(state=Uptake.State.DROPPED)[:SHOWN]) if counts else []
    lessons = list(shown.filter(state=Uptake.State.DROPPED)[:LESSONS]) if counts else []
    return {
        "counts": [(label, counts[state]) for state, label in Uptake.State.choices if state in counts],
        "using": using,
        "lessons": lessons,
        "more": sum(counts.values()) > len(using) + len(lessons),
    }


def _uptake_of(publication: Publication, members: Collection[int]) -> list[Uptake]:
    rows = Uptake.objects.filter(publication=publication, member__in=members).select_related("member")
    return list(rows.order_by("pk"))


def draw_of_member(request: HttpRequest, member: Member) -> str:
    """Draw what a member took up from others, and what others took up from it."""
    rows = Uptake.objects.visible_to(request.user).with_rows(request.user).most_useful_first()
    taken = list(rows.filter(member=member)[: SHOWN + 1])
    given = list(rows.filter(publication__owner_member=member)[: SHOWN + 1])
    if not (taken or given):
        return ""
    context = {
        "member": member,
        "taken": taken[:SHOWN],
        "more_taken": len(taken) > SHOWN,
        "given": given[:SHOWN],
        "more_given": len(given) > SHOWN,
    }
    return render_to_string("practices/uptake/member_panel.html", context, request)


def draw_waiting(request: HttpRequest, _subject: object) -> str:
    """Draw the way from one's own texts to what became of them elsewhere, and how much waits for an answer."""
    waiting = Uptake.objects.confirmable_by(request.user).awaiting().count()
    return render_to_string("practices/uptake/waiting_panel.html", {"waiting": waiting}, request)
