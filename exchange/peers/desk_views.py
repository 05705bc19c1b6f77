"""Coordinators: open asks by age, what the network asks for and offers, and whom they bring together."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
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
from exchange.peers.queries import of_notice, state_for, supply_and_demand, unanswered, waiting_asks, without_any
from members.accounts.requests import PersonRequest
from members.directory.models import Member
from members.directory.rules import roles_of

PAGE_SIZE = 30
RECENT = 10
ONLY = {"unanswered": unanswered, "without": without_any}


def desk(request: PersonRequest) -> HttpResponse:
    """List the open asks of an office's members, the oldest first; `only` some of them, see `ONLY`."""
    if not request.user.has_perm("peers.view_supply"):
        raise PermissionDenied
    roles = roles_of(request.user)
    asks = Notice.objects.visible_to(request.user).open()
    if not roles.is_administrator:
        asks = asks.filter(member__office__in=roles.coordinates)
    rows = waiting_asks(asks)
    only = request.GET.get("only", "")
    shown = ONLY[only](rows) if only in ONLY else rows
    context = {
        "page": Paginator(shown.with_rows(), PAGE_SIZE).get_page(request.GET.get("page")),
        "only": only if only in ONLY else "",
        "open_count": rows.count(),
        "counts": {name: narrow(rows).count() for name, narrow in ONLY.items()},
        "introductions": _introductions(request).filter(state__in=Introduction.GOES_ON)[:RECENT],
    }
    return render(request, "exchange/peers/desk.html", context)


def introduction_list(request: PersonRequest) -> HttpResponse:
    """List whom coordinators have proposed to each other, as far as the reader may know, the newest first."""
    page = Paginator(_introductions(request), PAGE_SIZE).get_page(request.GET.get("page"))
    coordinates = request.user.has_perm("peers.add_introduction")
    rows = [(one, state_for(one, request.user)) for one in page]
    return render(
        request, "exchange/peers/introduction_list.html", {"page": page, "rows": rows, "coordinates": coordinates}
    )


def _introductions(request: PersonRequest) -> QuerySet[Introduction]:
    rows = Introduction.objects.visible_to(request.user).select_related("member", "peer", "notice")
    return rows.order_by("-made_at", "-pk")


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
    notices = Notice.objects.visible_to(request.user).select_related("member")
    if request.method != "POST":  # one that closes while somebody writes is answered with that
        notices = notices.open()
    notice = notices.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 10 else None
    members = Member.objects.visible_to(request.user).listed()
    facts = {
        name: members.filter(slug=slug).first() for name in ("member", "peer") if (slug := request.GET.get(name, ""))
    }
    picked = members.filter(slug=request.POST.get("pick", "")).first()
    if picked:  # from those who fit; what was typed stays
        facts |= {"peer": picked, "note": request.POST.get("note", "")}
    form = IntroductionForm(None if picked else request.POST or None, notice=notice, facts=facts)
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
    roles = roles_of(request.user)
    waiting = Introduction.Answer.WAITING
    open_ = introduction.state == Introduction.State.PROPOSED
    agreed = introduction.state == Introduction.State.AGREED
    coordinates = request.user.has_perm("peers.withdraw_introduction", introduction)
    context = {
        "introduction": introduction,
        "answering": [
            one for one, answer in introduction.answers if open_ and one.pk in roles.writes_for and answer == waiting
        ],
        "coordinates": coordinates,
        "state": state_for(introduction, request.user),
        # What one side has said is for itself and for coordinators until both are interested.
        "sides": [
            (one, Introduction.Answer(answer).label if agreed or coordinates or one.pk in roles.members else "")
            for one, answer in introduction.answers
        ],
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
