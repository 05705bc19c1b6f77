"""What this room shows on pages of the rooms below it."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from exchange.exchanges.models import Exchange
from exchange.peers.models import Introduction, Match, Notice
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of

SHOWN = 12


def draw_of_notice(request: HttpRequest, notice: Notice) -> str:
    """Draw the way to propose an exchange, and those that were proposed about it as far as the reader sees them."""
    rows = Exchange.objects.visible_to(request.user).filter(notice=notice).with_rows().order_by("-proposed_at", "-pk")
    context = {
        "notice": notice,
        "exchanges": rows[:SHOWN],
        "may_propose": notice.is_open and bool(roles_of(request.user).writes_for - {notice.member_id}),
    }
    return render_to_string("exchange/exchanges/notice_panel.html", context, request)


def draw_of_match(request: HttpRequest, match: Match) -> str:
    """Draw the way from a suggestion to an exchange, for those who write for the member that it is for."""
    peer = match.peer
    if peer is None or match.member_id not in roles_of(request.user).writes_for:
        return ""
    if match.notice_id:
        origin = {"notice": match.notice_id, "member": peer.slug}
    elif match.to_notice_id:
        origin = {"notice": match.to_notice_id}
    else:
        origin = {"member": peer.slug}
    address = f"{reverse('exchanges:exchange_create')}?{urlencode(origin)}"
    return format_html(
        '<a href="{}">{}<span class="visually-hidden">: {}</span></a>', address, _("Propose an exchange"), peer.name
    )


def draw_of_introduction(request: HttpRequest, introduction: Introduction) -> str:
    """Draw the way from an introduction to an exchange, once both sides are interested."""
    rows = Exchange.objects.visible_to(request.user).filter(introduction=introduction).with_rows()
    mine = {introduction.member_id, introduction.peer_id} & roles_of(request.user).writes_for
    may_propose = introduction.state == Introduction.State.AGREED and bool(mine)
    context = {"introduction": introduction, "exchanges": rows[:SHOWN], "may_propose": may_propose}
    return render_to_string("exchange/exchanges/introduction_panel.html", context, request)


def draw_of_connection(request: HttpRequest, person: User) -> str:
    """Draw beside a connection with somebody the way to an exchange with each of their members."""
    own = roles_of(request.user).writes_for
    if not own:
        return ""
    members = Member.objects.listed().filter(roles__user=person).exclude(pk__in=own).order_by("pk")
    return render_to_string("exchange/exchanges/connection_panel.html", {"members": members, "person": person}, request)


def draw_of_member(request: HttpRequest, member: Member) -> str:
    """Draw which exchanges a member has completed, as its history; who sees more of them finds the way there.

    That two members met is no secret in the network; what they planned, wrote and said of it is.
    """
    rows = Exchange.objects.of_members({member.pk}).with_rows()
    seen = rows.visible_to(request.user)
    done = rows.filter(state=Exchange.State.COMPLETED).order_by("-ended_at", "-pk")[: SHOWN + 1]
    readable = set(seen.filter(pk__in=[one.pk for one in done]).values_list("pk", flat=True))
    others = roles_of(request.user).writes_for - {member.pk}
    context = {
        "member": member,
        "done": [(one, one.pk in readable) for one in done[:SHOWN]],
        "open": seen.open().order_by("-proposed_at", "-pk")[:SHOWN],
        "may_propose": bool(others) and member.takes_part,
    }
    return render_to_string("exchange/exchanges/member_panel.html", context, request)
