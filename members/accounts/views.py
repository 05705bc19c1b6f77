"""A person's own pages. Sign-in, passwords and addresses are allauth's."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from config.kit.acts import way_back
from config.kit.forms import render_form
from members.accounts.forms import ProfileForm
from members.accounts.models import User
from members.accounts.requests import PersonRequest
from members.accounts.second_factor import has_second_factor
from members.accounts.sign_ins import KEPT, end_sessions, sessions_of

LISTED = 100  # sign-ins


def profile(request: PersonRequest) -> HttpResponse:
    """Show and change what others see of this person, their language and zone."""
    user = User.objects.get(pk=request.user.id)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save_all()
        with translation.override(form.instance.language):
            messages.success(request, _("Your profile is saved."))
        return redirect("accounts:profile")
    return render_form(request, "members/accounts/profile.html", {"form": form}, invalid=form.is_bound)


@require_safe
def sessions(request: PersonRequest) -> HttpResponse:
    """Show where this person is signed in, and how it came to that in the last 90 days."""
    context = {
        "sessions": sessions_of(request.user),
        "current": request.session.session_key,
        "sign_ins": request.user.sign_ins.order_by("-at", "-pk")[:LISTED],
        "days": KEPT.days,
        "has_second_factor": has_second_factor(request.user),
    }
    return render(request, "members/accounts/sessions.html", context)


@require_POST
def session_end(request: PersonRequest, pk: int) -> HttpResponse:
    """End one session; somebody else's is not there."""
    current = request.session.session_key
    if not end_sessions(user=request.user, only=pk, keep=current, by=request.user):
        raise Http404
    messages.success(request, _("That session is ended."))
    return redirect("accounts:sessions")


@require_POST
def sessions_end_others(request: PersonRequest) -> HttpResponse:
    ended = end_sessions(user=request.user, keep=request.session.session_key, by=request.user)
    text = ngettext("%(count)d other session is ended.", "%(count)d other sessions are ended.", ended)
    messages.success(request, text % {"count": ended})
    return redirect("accounts:sessions")


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the interface and go back; an unknown language changes nothing."""
    response = redirect(way_back(request, settings.LOGIN_REDIRECT_URL))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax", secure=settings.SECURE,
            httponly=True,
        )  # fmt: skip
    return response
