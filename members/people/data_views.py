"""My data and its erasure; for administrators somebody's account, and the record of who saw what."""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from config.ops.retention import rules as retention_rules
from members.accounts.models import PersonalDataEvent, User
from members.accounts.personal_data import note_personal_data
from members.accounts.requests import PersonRequest
from members.accounts.second_factor import has_second_factor
from members.accounts.sign_ins import KEPT, end_sessions, sessions_of
from members.directory.rules import roles_of
from members.people.erasing import erase_person
from members.people.forms import ErasureForm
from members.people.taking import make_personal_archive

What = PersonalDataEvent.What
PAGE_SIZE = 50


def own_data(request: PersonRequest) -> HttpResponseBase:
    """Say what a person may take along; a POST answers with the ZIP."""
    if request.method == "POST":
        made = make_personal_archive(user=request.user, by=request.user)
        name = f"my-data-{timezone.localdate():%Y-%m-%d}.zip"
        return FileResponse(made, as_attachment=True, filename=name, content_type="application/zip")
    return render(request, "members/people/own_data.html", {"rules": retention_rules()})


def own_erasure(request: PersonRequest) -> HttpResponse:
    """Erase one's own account, after a sign-in or a confirmation of the last minutes."""
    form = ErasureForm(request.POST or None, address=request.user.email)
    if form.is_bound and form.is_valid():
        if not _confirmed_recently(request):
            methods = get_adapter().get_reauthentication_methods(request.user)
            if methods:
                response: HttpResponse = suspend_request(request, methods[0]["url"])
                return response
            form.add_error(None, _("Please sign out, sign in again and come back within five minutes."))
        else:
            try:
                erase_person(user=request.user, by=request.user)
            except ValidationError as error:
                add_errors(form, error)
            else:
                logout(request)
                messages.success(request, _("Your account is erased. Thank you for what you have shared."))
                return redirect("account_login")
    return render_form(request, "members/people/own_erasure.html", {"form": form}, invalid=form.is_bound)


@require_safe
def account_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show an administrator somebody's account. That they looked is written down."""
    person = _account(request, pk)
    note_personal_data(who=request.user, whose=person, what=What.ACCOUNT_SEEN)
    return render(request, "members/people/account_detail.html", _about(person))


@require_POST
def account_end_sessions(request: PersonRequest, pk: int) -> HttpResponse:
    person = _account(request, pk)
    end_sessions(user=person, keep=request.session.session_key, by=request.user)
    note_personal_data(who=request.user, whose=person, what=What.SESSIONS_ENDED)
    messages.success(request, _("All sessions are ended."))
    return redirect("people:account_detail", pk=pk)


@require_POST
def account_erase(request: PersonRequest, pk: int) -> HttpResponse:
    person = _account(request, pk)
    form = ErasureForm(request.POST, address=person.email)
    if person == request.user:
        return redirect("people:own_erasure")
    if form.is_valid():
        done = _("The account is erased.")
        if tell_outcome(request, lambda: erase_person(user=person, by=request.user), done):
            return redirect("people:event_list")
        return redirect("people:account_detail", pk=pk)
    context = _about(person) | {"form": form}
    return render_form(request, "members/people/account_detail.html", context, invalid=True)


@require_safe
def event_list(request: PersonRequest) -> HttpResponse:
    """Show administrators who saw or changed whose personal data, the newest first."""
    if not roles_of(request.user).is_administrator:
        raise PermissionDenied
    rows = PersonalDataEvent.objects.select_related("who", "whose").order_by("-at", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "members/people/event_list.html", {"page": page, "rules": retention_rules()})


def _account(request: PersonRequest, pk: int) -> User:
    if not roles_of(request.user).is_administrator:
        raise PermissionDenied
    person: User = get_object_or_404(User, pk=pk)
    return person


def _about(person: User) -> dict[str, Any]:
    seen = PersonalDataEvent.objects.filter(whose=person).select_related("who", "whose")
    return {
        "person": person,
        "at_members": person.member_roles.select_related("member").order_by("pk"),
        "at_offices": person.office_roles.select_related("office").order_by("pk"),
        "sessions": sessions_of(person),
        "sign_ins": person.sign_ins.order_by("-at", "-pk")[:PAGE_SIZE],
        "days": KEPT.days,
        "has_second_factor": has_second_factor(person),
        "events": seen.order_by("-at", "-pk")[:PAGE_SIZE],
        "form": ErasureForm(address=person.email),
    }


def _confirmed_recently(request: PersonRequest) -> bool:
    """Whether the person has signed in, or confirmed that it is they, in the last five minutes."""
    records = get_authentication_records(request, request.user)
    return any(time.time() - one["at"] < REAUTHENTICATION_TIMEOUT for one in records)
