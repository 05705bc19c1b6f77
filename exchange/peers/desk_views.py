"""Coordinators: open asks by age, what the network asks for and offers, and whom they bring together."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from exchange.peers import introducing
from exchange.peers.emails import people_of
from exchange.peers.forms import IntroductionForm
from exchange.peers.models import Introduction, Notice
from exchange.peers.queries import of_notice, supply_and_demand, waiting_asks, without_any
from members.accounts.requests import PersonRequest
from members.directory.models import Member
from members.directory.rules import roles_of

PAGE_SIZE = 30
RECENT = 10


def desk(request: PersonRequest) -> HttpResponse:
    """List the open asks of an office's members, the oldest first; `without=1` those for which nothing was found."""
    if not request.user.has_perm("peers.view_supply"):
        raise PermissionDenied
    roles = roles_of(request.user)
    asks = Notice.objects.visible_to(request.user).open()
    if not roles.is_administrator:
        asks = asks.filter(member__office__in=roles.coordinates)
    rows = waiting_asks(asks)
    without = request.GET.get("without") == "1"
    shown = without_any(rows) if without else rows
    context = {
        "page": Paginator(shown.with_rows(), PAGE_SIZE).get_page(request.GET.get("page")),
        "without": without,
        "open_count": rows.count(),
        "without_count": without_any(rows).count(),
        "introductions": Introduction.objects.visible_to(request.user)
        .select_related("member", "peer", "notice").order_by("-made_at", "-pk")[:RECENT],
    }  # fmt: skip
    return render(request, "exchange/peers/desk.html", context)


def supply(request: PersonRequest) -> HttpResponse:
    """Show what the network asks for and offers, by topic."""
    if not request.user.has_perm("peers.view_supply"):
        raise PermissionDenied
    return render(request, "exchange/peers/supply.html", {"rows": supply_and_demand()})


def introduction_create(request: PersonRequest) -> HttpResponse:
    """Propose two members to each other; `notice` and `peer` in the address are filled in."""
    if not request.user.has_perm("peers.add_introduction"):
        raise PermissionDenied
    asked = request.GET.get("notice", "")
    notices = Notice.objects.visible_to(request.user).open().select_related("member")
    notice = notices.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 10 else None
    members = Member.objects.visible_to(request.user).listed()
    facts = {
        name: members.filter(slug=slug).first() for name in ("member", "peer") if (slug := request.GET.get(name, ""))
    }
    form = IntroductionForm(request.POST or None, notice=notice, facts=facts)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            introduction = introducing.introduce_members(
                member=notice.member if notice else data["member"], peer=data["peer"], notice=notice,
                note=data["note"], by=request.user,
            )  # fmt: skip
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Both sides are asked by e-mail."))
            return redirect(introduction)
    context: dict[str, Any] = {"form": form, "notice": notice}
    if notice:
        context |= of_notice(notice)
    return render_form(request, "exchange/peers/introduction_form.html", context, invalid=form.is_bound)


def introduction_detail(request: PersonRequest, pk: int) -> HttpResponse:
    introduction = _introduction(request, pk)
    mine = roles_of(request.user).writes_for
    waiting = Introduction.Answer.WAITING
    sides = [(introduction.member, introduction.member_answer), (introduction.peer, introduction.peer_answer)]
    open_ = introduction.state == Introduction.State.PROPOSED
    agreed = introduction.state == Introduction.State.AGREED
    context = {
        "introduction": introduction,
        "answering": [one for one, answer in sides if open_ and one.pk in mine and answer == waiting],
        "coordinates": request.user.has_perm("peers.withdraw_introduction", introduction),
        "agreed": agreed,
        "people": people_of(introduction, request.user) if agreed else [],
    }
    return render(request, "exchange/peers/introduction_detail.html", context)


@require_POST
def introduction_answer(request: PersonRequest, pk: int) -> HttpResponse:
    introduction = _introduction(request, pk)
    sides = {one.slug: one for one in (introduction.member, introduction.peer)}
    member = sides.get(request.POST.get("member", ""))
    if member is None:
        raise PermissionDenied
    interested = request.POST.get("answer") == "interested"
    done = _("Thank you. Your answer is kept.")
    act = lambda: introducing.answer_introduction(  # noqa: E731
        introduction=introduction, member=member, interested=interested, by=request.user
    )
    tell_outcome(request, act, done)
    return redirect(introduction)


@require_POST
def introduction_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    introduction = _introduction(request, pk)
    act = lambda: introducing.withdraw_introduction(introduction=introduction, by=request.user)  # noqa: E731
    tell_outcome(request, act, _("It is withdrawn."))
    return redirect(introduction)


def _introduction(request: PersonRequest, pk: int) -> Introduction:
    rows = Introduction.objects.visible_to(request.user).select_related(
        "member__office", "peer__office", "notice__person", "by"
    )
    found: Introduction = get_object_or_404(rows, pk=pk)
    return found
