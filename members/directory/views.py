"""Inviting colleagues to a member, and accepting."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from members.accounts.models import User
from members.accounts.requests import PersonRequest
from members.accounts.sign_ins import begin_session
from members.directory import services
from members.directory.forms import InvitationForm, RegistrationForm
from members.directory.models import Invitation, Member
from members.directory.tokens import find_invitation

BACKEND = "members.accounts.backends.SignInBackend"


def invite(request: PersonRequest, slug: str) -> HttpResponse:
    member = get_object_or_404(Member.objects.visible_to(request.user), slug=slug)
    if not request.user.has_perm("directory.invite_to_member", member):
        raise PermissionDenied
    form = InvitationForm(request.POST or None, initial={"language": request.user.language})
    if form.is_bound and form.is_valid():
        try:
            services.invite_colleague(member=member, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("We have written to %(email)s.") % {"email": form.cleaned_data["email"]})
            return redirect(member)
    context = {"form": form, "member": member}
    return render_form(request, "members/directory/invite.html", context, invalid=form.is_bound)


@require_POST
def invitation_resend(request: PersonRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.resend_invitation, _("The invitation is on its way again."))


@require_POST
def invitation_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.withdraw_invitation, _("The invitation is withdrawn."))


@login_not_required
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of the link join: with the account they have, or with a new one."""
    invitation = find_invitation(token)
    if invitation is None:
        raise Http404
    if not request.user.is_authenticated and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(invitation.language)
        request.LANGUAGE_CODE = invitation.language
    context = {"invitation": invitation, "next": request.path}
    page = "members/directory/invitation_accept.html"
    if invitation.is_expired or not invitation.is_open:
        return render(request, page, context | {"over": True}, status=410)
    if request.user.is_authenticated:
        context["mine"] = request.user.email.lower() == invitation.email
        if request.method != "POST" or not context["mine"]:
            return render(request, page, context, status=403 if request.method == "POST" else 200)
        return _accept(request, invitation, by=request.user)
    if User.objects.filter(email__iexact=invitation.email).exists():
        return render(request, page, context | {"has_account": True})
    form = RegistrationForm(
        request.POST or None, email=invitation.email, initial={"time_zone": invitation.member.office.time_zone}
    )
    if form.is_bound and form.is_valid():
        try:
            user = services.register_invited_person(
                invitation=invitation, language=request.LANGUAGE_CODE, **form.cleaned_data
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            login(request, user, BACKEND)
            begin_session(request, user)
            messages.success(request, _("Welcome, %(name)s!") % {"name": user.name})
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render_form(request, page, context | {"form": form}, invalid=form.is_bound)


def _accept(request: HttpRequest, invitation: Invitation, by: User) -> HttpResponse:
    done = _("You belong to %(member)s now.") % {"member": invitation.member}
    tell_outcome(request, lambda: services.accept_invitation(invitation=invitation, by=by), done)
    return redirect(invitation.member)


def _act(request: PersonRequest, pk: int, service: services.InvitationService, done: str) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.visible_to(request.user).select_related("member"), pk=pk)
    tell_outcome(request, lambda: service(invitation=invitation, by=request.user), done)
    return redirect(invitation.member)
