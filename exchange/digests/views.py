"""The reader's digest: the wish, a look at the next one, sending it now, leaving."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.kit.forms import render_form
from config.outbox.mime import plain_text
from exchange.digests import services
from exchange.digests.emails import preview_digest
from exchange.digests.forms import SubscriptionForm
from exchange.digests.models import Subscription
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
    context = {"form": form, "subscription": current, "next_due": current.next_due}
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


@xframe_options_sameorigin
@csp_replace({"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF], "sandbox": [""]})  # type: ignore[arg-type]
def preview(request: PersonRequest) -> HttpResponse:
    """Show the next digest as it would be now: the very message, in a frame that may run nothing."""
    mine = _get_subscription(request)
    (selection,) = select_for([mine], highest=None)
    message = services.build_message(mine, selection, 0, key="preview", now=timezone.now())
    with translation.override(mine.language), timezone.override(mine.zone):
        rendered = preview_digest(message, mine)
    if rendered is None:
        return render(request, "exchange/digests/nothing.html")
    return HttpResponse(plain_text(rendered.html))


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


def _get_subscription(request: PersonRequest) -> Subscription:
    if not is_in_network(request.user):
        raise PermissionDenied
    return services.get_subscription(request.user)
