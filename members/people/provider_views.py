"""Signing in by way of one's organisation."""

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from requests import RequestException

from config.kit.forms import render_form
from members.people.adapter import is_app_id
from members.people.forms import AddressForm
from members.people.models import SignInProvider
from members.people.oidc import CheckedAdapter

PAGE = "members/people/provider_find.html"


@never_cache
@login_not_required
def provider_find(request: HttpRequest) -> HttpResponse:
    """Ask for an address; its domain says which organisation signs the person in."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form = AddressForm(request.POST or None)
    if form.is_bound and form.is_valid():
        email = form.cleaned_data["email"]
        row = SignInProvider.objects.for_address(email).first()
        if row is None:
            form.add_error("email", _("No organisation with this address signs people in here. Use your password."))
        else:
            try:
                target = _address_of(request, row, email)
            except (OAuth2Error, RequestException, PermissionDenied):
                form.add_error(None, _("Your organisation’s sign-in does not answer as it should. Use your password."))
            else:
                # A page between, since our content policy lets no form lead elsewhere, nor what answers it.
                return render(request, "members/people/provider_go.html", {"target": target, "provider": row})
    context = {"form": form, "next": get_next_redirect_url(request) or ""}
    return render_form(request, PAGE, context, invalid=form.is_bound)


@never_cache
@login_not_required
@require_safe
def provider_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take what the organisation says of whom it sends back."""
    if not is_app_id(provider_id):
        raise Http404
    try:
        view = OAuth2CallbackView.adapter_view(CheckedAdapter(request, provider_id))
        response: HttpResponse = view(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return response


def _address_of(request: HttpRequest, row: SignInProvider, email: str) -> str:
    """Return where the browser goes, and keep in the session what is asked when it comes back."""
    provider = get_adapter().get_provider(request, row.app_id)
    provider.oauth2_adapter_class = CheckedAdapter
    response = provider.redirect(
        request, "login", next_url=get_next_redirect_url(request), auth_params={"login_hint": email}
    )
    target: str = response.headers.get("Location", "")
    if not target.startswith(("https://", "http://") if settings.DEBUG else "https://"):
        raise OAuth2Error("nowhere to go")
    return target
