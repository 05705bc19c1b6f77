"""My connections, asking somebody, answering, and hearing nothing from somebody."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from exchange.connections import services
from exchange.connections.blocks import block_person, unblock_person
from exchange.connections.emails import find_by_token
from exchange.connections.forms import RequestForm
from exchange.connections.models import Block, Connection, Leave
from exchange.connections.queries import places_of
from members.accounts.models import User
from members.accounts.requests import PersonRequest
from members.directory.rules import is_in_network
from members.people.seeing import people_visible_to


@require_safe
def connection_list(request: PersonRequest) -> HttpResponse:
    """List what waits for this person's answer, whom they are connected with, whom they have asked and blocked."""
    if not is_in_network(request.user):
        raise PermissionDenied
    rows = Connection.objects.select_related("asker", "asked")
    lists = {
        "to_answer": list(rows.to_answer(request.user)),
        "connected": list(rows.visible_to(request.user).connected().order_by("-answered_at", "-pk")),
        "asked": list(rows.asked_by(request.user)),
    }
    people = {one.other(request.user).pk for found in lists.values() for one in found}
    here = set(people_visible_to(request.user).filter(pk__in=people).values_list("pk", flat=True))
    places = places_of(people)

    def row(connection: Connection) -> dict[str, object]:
        person = connection.other(request.user)
        facts = ", ".join(filter(None, [person.job_title, places.get(person.pk)]))
        return {"connection": connection, "person": person, "is_here": person.pk in here, "facts": facts}

    context = {
        **{name: [row(one) for one in found] for name, found in lists.items()},
        "again_at": services.may_ask_again_at(),
        "blocks": Block.objects.filter(blocker=request.user).select_related("blocked").order_by("pk"),
    }  # fmt: skip
    return render(request, "exchange/connections/connection_list.html", context)


def request_create(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask somebody to connect."""
    person = _person(request, pk)
    form = RequestForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            connection = services.request_connection(to=person, message=form.cleaned_data["message"], by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            connected = connection.state == Connection.State.CONNECTED
            messages.success(request, _("You are connected.") if connected else _("Your request is sent."))
            return redirect("people:person_detail", pk=pk)
    context = {
        "form": form,
        "person": person,
        "most_open": services.MOST_OPEN,
        "most_a_day": services.MOST_A_DAY,
        "most_of_member": services.MOST_OF_MEMBER,
        "days": services.AGAIN.days,
    }
    return render_form(request, "exchange/connections/request_form.html", context, invalid=form.is_bound)


@require_POST
def connection_accept(request: PersonRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.accept_request, _("You are connected."))


@require_POST
def connection_decline(request: PersonRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.decline_request, _("It is declined. They are not told."))


@require_POST
def connection_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.withdraw_request, _("Your request is taken back."))


@require_POST
def connection_remove(request: PersonRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.remove_connection, _("You are not connected any more."))


def person_block(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask whether it is meant, and then block somebody."""
    person = _person(request, pk)
    if request.method == "POST":
        done = _("You hear nothing from %(who)s any more.") % {"who": person}
        tell_outcome(request, lambda: block_person(person=person, by=request.user), done)
        return redirect("connections:connection_list")
    return render(request, "exchange/connections/block.html", {"person": person})


@require_POST
def person_unblock(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a block back, also of somebody who has left the network meanwhile."""
    block = get_object_or_404(Block.objects.select_related("blocked"), blocker=request.user, blocked=pk)
    unblock_person(person=block.blocked, by=request.user)
    messages.success(request, _("%(who)s can write to you again.") % {"who": block.blocked})
    return redirect("connections:connection_list")


@csrf_exempt
@login_not_required
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Leave with one click (RFC 8058): a POST needs no sign-in, no cookie and no token of a form. A GET only asks."""
    user = find_by_token(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        Leave.objects.get_or_create(user=user)
    with translation.override(user.language):
        request.LANGUAGE_CODE = user.language
        context = {"left": Leave.objects.filter(user=user).exists(), "email": user.email}
        return render(request, "exchange/connections/leave.html", context)


@require_POST
def change_leave(request: PersonRequest) -> HttpResponse:
    """Leave messages about connections, or get them again, from the page of the digest."""
    if "leave" in request.POST:
        Leave.objects.get_or_create(user=request.user)
        messages.success(request, _("You get no e-mail about connections any more."))
    else:
        Leave.objects.filter(user=request.user).delete()
        messages.success(request, _("You get e-mail about connections again."))
    return redirect("digests:subscription")


def _person(request: PersonRequest, pk: int) -> User:
    return get_object_or_404(people_visible_to(request.user).exclude(pk=request.user.pk), pk=pk)


def _act(request: PersonRequest, pk: int, act: Callable[..., object], done: str) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.visible_to(request.user).select_related("asker", "asked"), pk=pk)
    tell_outcome(request, lambda: act(connection=connection, by=request.user), done)
    return redirect("connections:connection_list")
