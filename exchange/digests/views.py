"""The reader's digest: the wish, a look at the next one, sending it now, leaving."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.kit.forms import render_form
from config.outbox.encoding import plain_text
from config.outbox.previews import framed
from exchange.digests import muting, services
from exchange.digests.emails import preview_digest
from exchange.digests.forms import SubscriptionForm
from exchange.digests.models import Mute, Subscription
from exchange.digests.selection import select_for
from members.accounts.requests import PersonRequest
from members.directory.rules import is_in_network


def subscription(request: PersonRequest) -> HttpResponse:
    mine = _get_subscription(request)
    form = SubscriptionForm(request.POST or None, instance=mine)
    if form.is_bound and form.is_valid():
        services.change_subscription(subscription=mine, values=form.cleaned_data, by=request.user)
        messages.success(request, _("Your wishes are saved."))
        return redirect("digests:subscription")
    current = services.get_subscription(request.user)
    mutes = current.mutes.select_related("publication", "member", "topic") if current.pk else []
    context = {"form": form, "subscription": current, "next_due": current.next_due, "mutes": mutes}
    return render_form(request, "exchange/digests/subscription.html", context, invalid=form.is_bound)


@require_POST
def send_now(request: PersonRequest) -> HttpResponse:
    try:
        services.send_now(subscription=_get_subscription(request), by=request.user)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, _("Your digest is on its way to %(email)s.") % {"email": request.user.email})
    return redirect("digests:subscription")


def preview(request: PersonRequest) -> HttpResponseBase:
    """Show the next digest as it would be now: the very message."""
    mine = _get_subscription(request)
    (selection,) = select_for([mine], highest=None)
    message = services.build_message(mine, selection, 0, key="preview", now=timezone.now())
    with translation.override(mine.language), timezone.override(mine.zone):
        rendered = preview_digest(message, mine)
    if rendered is None:
        return framed(request, render_to_string("exchange/digests/nothing.html", request=request))
    return framed(request, plain_text(rendered.html))


@csrf_exempt
@login_not_required
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Leave with one click (RFC 8058): a POST needs no sign-in, no cookie and no token of a form. A GET only asks."""
    found = services.find_by_token(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        services.unsubscribe(subscription=found)
        found.refresh_from_db()
    with translation.override(found.language):
        request.LANGUAGE_CODE = found.language
        left = found.cadence == Subscription.Cadence.NEVER
        return render(request, "exchange/digests/unsubscribe.html", {"left": left, "email": found.user.email})


@csrf_exempt
@login_not_required
def less(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the next digests shall leave out: who holds the link may, as with leaving. A GET only asks."""
    found = muting.find_by_less_token(token)
    if found is None:
        raise Http404
    subscription, publication = found
    for name, act in (("mute", muting.mute), ("unmute", muting.unmute)):
        if request.method == "POST" and name in request.POST:
            try:
                act(subscription=subscription, publication=publication, code=request.POST[name])
            except ValueError as error:
                raise Http404 from error
    with translation.override(subscription.language):
        request.LANGUAGE_CODE = subscription.language
        choices = muting.choices_of(subscription, publication)
        return render(request, "exchange/digests/less.html", {"publication": publication, "choices": choices})


@require_POST
def mute_remove(request: PersonRequest, pk: int) -> HttpResponse:
    mine = get_object_or_404(Mute, pk=pk, subscription=_get_subscription(request))
    mine.delete()
    messages.success(request, _("%(what)s may be in your digest again.") % {"what": mine})
    return redirect("digests:subscription")


def _get_subscription(request: PersonRequest) -> Subscription:
    if not is_in_network(request.user):
        raise PermissionDenied
    return services.get_subscription(request.user)
