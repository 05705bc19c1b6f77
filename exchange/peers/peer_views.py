"""What fits a member: its peers, asks it could answer, offers it could use; and what it does not want to see."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome, way_back
from config.kit.forms import add_errors, render_form
from exchange.peers import dismissing
from exchange.peers.forms import DismissForm
from exchange.peers.models import Dismissal, Introduction, Notice
from exchange.peers.queries import of_member, waiting_asks
from members.accounts.requests import PersonRequest
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.library.models import Publication

INTRODUCED = 5
TARGETS: dict[str, Any] = {"notice": Notice, "publication": Publication, "member": Member}


def home(request: PersonRequest) -> HttpResponse:
    """Show what fits one of the reader's members, and what it asks and offers; `member` in the address says which."""
    roles = roles_of(request.user)
    members = list(Member.objects.visible_to(request.user).listed().filter(pk__in=roles.members))
    asked = request.GET.get("member", "")
    member = next((one for one in members if one.slug == asked), members[0] if members else None)
    context: dict[str, Any] = {
        "members": members,
        "member": member,
        "writes": member is not None and member.pk in roles.writes_for,
        "introductions": Introduction.objects.of_members(roles.members)
        .filter(state__in=Introduction.GOES_ON)
        .select_related("member", "peer", "notice")
        .order_by("-made_at", "-pk")[:INTRODUCED],
    }
    if member:
        own = Notice.objects.visible_to(request.user).filter(member=member).with_rows()
        fitting = of_member(member)
        # Nearly everybody has places like theirs: who has nothing at all was not compared yet.
        context |= fitting | {
            "compared": any(fitting.values()),
            "own": own.order_by("-state", "-opened_at", "-pk")[:20],
        }
    else:
        newest = waiting_asks(Notice.objects.visible_to(request.user).open()).order_by("-opened_at", "-pk")
        context["newest"] = newest.with_rows()[:10]
    return render(request, "exchange/peers/home.html", context)


def dismiss(request: PersonRequest, slug: str, what: str, pk: int) -> HttpResponse:
    """Ask why a suggestion is not for a member, and take it from its lists."""
    member = _writes_for(request, slug)
    if what not in TARGETS:
        raise Http404
    target = get_object_or_404(TARGETS[what].objects.visible_to(request.user), pk=pk)
    back = way_back(request, f"{reverse('peers:home')}?member={member.slug}")
    form = DismissForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            dismissing.dismiss(member=member, target=target, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is not shown to you again. The next list takes your reason into account."))
            return redirect(back)
    context = {"form": form, "member": member, "target": target, "back": back}
    return render_form(request, "exchange/peers/dismiss.html", context, invalid=form.is_bound)


def dismissed(request: PersonRequest, slug: str) -> HttpResponse:
    """List what a member does not want to see."""
    member = _writes_for(request, slug)
    rows = Dismissal.objects.filter(member=member).select_related(
        "by", "to_notice__member", "to_publication__owner_member", "to_publication__owner_office", "to_member"
    )
    return render(request, "exchange/peers/dismissed.html", {"member": member, "rows": rows.order_by("-at", "-pk")})


@require_POST
def take_back(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    member = _writes_for(request, slug)
    dismissal = get_object_or_404(Dismissal.objects.filter(member=member), pk=pk)
    done = _("It may be suggested again, from tomorrow on.")
    tell_outcome(request, lambda: dismissing.take_back(dismissal=dismissal, by=request.user), done)
    return redirect("peers:dismissed", slug)


def _writes_for(request: PersonRequest, slug: str) -> Member:
    member: Member = get_object_or_404(Member.objects.visible_to(request.user), slug=slug)
    if member.pk not in roles_of(request.user).writes_for:
        raise PermissionDenied
    return member
