"""How views of this room fetch what an address names, and answer the small forms."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from exchange.exchanges.models import Exchange, Participant, Party
from exchange.exchanges.transitions import check
from members.accounts.requests import PersonRequest


def get_exchange(request: PersonRequest, pk: int, permission: str = "") -> Exchange:
    """Return an exchange that the reader may see, or 404.

    Raises:
        PermissionDenied: the reader does not have `permission`.
    """
    parties = Party.objects.select_related("member__office", "person").prefetch_related("person__member_roles")
    people = Participant.objects.select_related("user").prefetch_related("user__member_roles")
    rows = Exchange.objects.visible_to(request.user).select_related("notice")
    rows = rows.prefetch_related(Prefetch("parties", parties), Prefetch("parties__participants", people))
    found: Exchange = get_object_or_404(rows, pk=pk)
    if permission and not request.user.has_perm(f"exchanges.{permission}", found):
        raise PermissionDenied
    return found


def get_party(request: PersonRequest, pk: int) -> Party:
    """Return a party that the reader speaks for; 404 where they may not see the exchange, else PermissionDenied."""
    party: Party = get_part(request, Party, pk)
    if not request.user.has_perm("exchanges.answer_party", party):
        raise PermissionDenied
    return party


def get_part(request: PersonRequest, model: Any, pk: int) -> Any:
    """Return a party, session, task, file or outcome of an exchange that the reader may see, or 404."""
    rows = model.objects.filter(exchange__in=Exchange.objects.visible_to(request.user))
    return get_object_or_404(rows.select_related("exchange"), pk=pk)


def check_possible(request: PersonRequest, exchange: Exchange, act: str) -> HttpResponse | None:
    """Return the way back, with a message, where a form is opened for what the state of an exchange does not allow.

    A form that is sent is answered by the service, so that nothing typed is lost.
    """
    if request.method == "POST" or tell_outcome(request, lambda: check(exchange, act)):
        return None
    return redirect(exchange)


def ask_first(
    request: PersonRequest, exchange: Exchange, act: Callable[[], object], *, lead: str, button: str, **words: str
) -> HttpResponse:
    """Ask whether it is meant, and do `act` once it is; `lead` says what it would be done to. Else see `answer_form`."""
    form = forms.Form(request.POST if request.method == "POST" else None)
    return answer_form(request, exchange, form, act, lead=lead, button=button, **words)  # type: ignore[arg-type]


def answer_form(
    request: PersonRequest,
    exchange: Exchange,
    form: forms.BaseForm,
    act: Callable[[], object],
    *,
    title: str,
    button: str,
    done: str,
    lead: str = "",
    place: str = "",
    away: str = "",
    names: Mapping[str, str] | None = None,
    **context: Any,
) -> HttpResponse:
    """Do `act` with a form that is right, and go back to the exchange; else show the form, nothing that was typed lost.

    Args:
        place: the part of the page to go back to.
        away: the page to go to instead, where the exchange may not be theirs to see any more.
        names: see `add_errors`.
    """
    if form.is_bound and form.is_valid():
        try:
            act()
        except ValidationError as error:
            add_errors(form, error, names)
        else:
            messages.success(request, done)
            if away:
                return redirect(away)
            return redirect(f"{exchange.get_absolute_url()}{f'#{place}' if place else ''}")
    context |= {"form": form, "exchange": exchange, "title": title, "button": button, "lead": lead}
    return render_form(request, "exchange/exchanges/form.html", context, invalid=form.is_bound)
