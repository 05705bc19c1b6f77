"""People: their pages, what they do at members, joining and leaving."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from members.accounts.models import PersonalDataEvent, User
from members.accounts.personal_data import note_personal_data
from members.accounts.requests import PersonRequest
from members.directory.models import Member, MemberRole
from members.directory.rules import roles_of
from members.people import join_requests, roles
from members.people.forms import JoinForm, MoveForm, ReasonForm, RoleForm
from members.people.models import JoinRequest
from members.people.seeing import may_see_address, people_visible_to, roles_visible_to


@require_safe
def person_detail(request: PersonRequest, pk: int) -> HttpResponse:
    return render(request, "members/people/person_detail.html", _person(request, pk))


@require_POST
def person_address(request: PersonRequest, pk: int) -> HttpResponse:
    """Show somebody's address to those whom they let see it."""
    context = _person(request, pk)
    if not context["may_see_address"]:
        raise PermissionDenied
    note_personal_data(who=request.user, whose=context["person"], what=PersonalDataEvent.What.ADDRESS_SEEN)
    return render(request, "members/people/person_detail.html", context | {"shown": True})


@require_safe
def role_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what may be changed about somebody's place at a member."""
    role = get_object_or_404(roles_visible_to(request.user), pk=pk)
    return render(request, "members/people/role_detail.html", _role(request, role))


@require_POST
def role_set(request: PersonRequest, pk: int) -> HttpResponse:
    role = get_object_or_404(roles_visible_to(request.user), pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        to = form.cleaned_data["role"]
        done = _("The role is changed.")
        tell_outcome(request, lambda: roles.set_role(role=role, to=to, by=request.user), done)
        return redirect(role.member)
    context = _role(request, role) | {"form": form}
    return render_form(request, "members/people/role_detail.html", context, invalid=True)


@require_POST
def role_move(request: PersonRequest, pk: int) -> HttpResponse:
    role = get_object_or_404(roles_visible_to(request.user), pk=pk)
    form = MoveForm(request.POST, members=_looked_after(request.user))
    if not request.user.has_perm("directory.invite_to_member", role.member):
        raise PermissionDenied
    if form.is_valid():
        try:
            roles.move_person(role=role, to=form.cleaned_data["to"], as_role=form.cleaned_data["role"], by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("%(who)s has moved.") % {"who": role.user})
            return redirect(form.cleaned_data["to"])
    context = _role(request, role) | {"move": form}
    return render_form(request, "members/people/role_detail.html", context, invalid=True)


@require_POST
def role_remove(request: PersonRequest, pk: int) -> HttpResponse:
    role = get_object_or_404(roles_visible_to(request.user), pk=pk)
    done = _("%(who)s does not belong to %(member)s any more.") % {"who": role.user, "member": role.member}
    if not tell_outcome(request, lambda: roles.remove_person(role=role, by=request.user), done):
        return redirect("people:role_detail", pk=pk) if MemberRole.objects.filter(pk=pk).exists() else redirect("/")
    return redirect("accounts:profile") if role.user == request.user else redirect(role.member)


def join(request: PersonRequest) -> HttpResponse:
    """Ask a member of one's own domain to be let in."""
    form = JoinForm(request.POST or None, user=request.user)
    if form.is_bound and form.is_valid():
        try:
            join_requests.request_to_join(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("You have asked. A liaison will answer."))
            return redirect("accounts:profile")
    context = {
        "form": form,
        "possible": join_requests.members_to_join(request.user).exists(),
        "asked": JoinRequest.objects.open().filter(user=request.user).select_related("member"),
    }
    return render_form(request, "members/people/join.html", context, invalid=form.is_bound)


@require_safe
def request_detail(request: PersonRequest, pk: int) -> HttpResponse:
    asked = _asked(request, pk)
    note_personal_data(who=request.user, whose=asked.user, what=PersonalDataEvent.What.ADDRESS_SEEN)
    return render(request, "members/people/request_detail.html", _request(request, asked))


@require_POST
def request_approve(request: PersonRequest, pk: int) -> HttpResponse:
    asked = _asked(request, pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        done = _("%(who)s belongs to %(member)s now.") % {"who": asked.user, "member": asked.member}
        tell_outcome(request, lambda: join_requests.approve_request(request=asked, role=role, by=request.user), done)
        return redirect(asked.member)
    context = _request(request, asked) | {"form": form}
    return render_form(request, "members/people/request_detail.html", context, invalid=True)


@require_POST
def request_decline(request: PersonRequest, pk: int) -> HttpResponse:
    asked = _asked(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        done = _("The request is declined.")
        tell_outcome(
            request, lambda: join_requests.decline_request(request=asked, reason=reason, by=request.user), done
        )
        return redirect(asked.member)
    context = _request(request, asked) | {"reason": form}
    return render_form(request, "members/people/request_detail.html", context, invalid=True)


@require_POST
def request_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    asked = _asked(request, pk)
    done = _("The request is taken back.")
    tell_outcome(request, lambda: join_requests.withdraw_request(request=asked, by=request.user), done)
    return redirect("people:join")


def _person(request: PersonRequest, pk: int) -> dict[str, Any]:
    people = people_visible_to(request.user).prefetch_related("expertise")
    person: User = get_object_or_404(people, pk=pk)
    return {
        "person": person,
        "at_members": person.member_roles.filter(member__is_active=True).select_related("member").order_by("pk"),
        "at_offices": person.office_roles.select_related("office").order_by("pk"),
        "may_see_address": may_see_address(request.user, person),
        "shown": person == request.user,
        "administers": roles_of(request.user).is_administrator,
    }


def _looked_after(user: User) -> Any:
    """Return the active members whose people `user` looks after."""
    found, rows = roles_of(user), Member.objects.active()
    if found.is_administrator:
        return rows
    return rows.filter(pk__in=found.liaison_of) | rows.filter(office__in=found.coordinates)


def _role(request: PersonRequest, role: MemberRole) -> dict[str, Any]:
    may = request.user.has_perm("directory.invite_to_member", role.member)
    others = _looked_after(request.user).exclude(pk=role.member_id)
    return {
        "role": role,
        "own": role.user == request.user,
        "may_set": may,
        "form": RoleForm(initial={"role": role.role}),
        "move": MoveForm(initial={"role": role.role}, members=others) if may and others.exists() else None,
    }


def _asked(request: PersonRequest, pk: int) -> JoinRequest:
    rows = JoinRequest.objects.visible_to(request.user).select_related("user", "member__office", "leaves")
    found: JoinRequest = get_object_or_404(rows, pk=pk)
    return found


def _request(request: PersonRequest, asked: JoinRequest) -> dict[str, Any]:
    may = asked.answered_at is None and request.user.has_perm("people.answer_joinrequest", asked)
    return {
        "asked": asked,
        "own": asked.user == request.user,
        "may_answer": may,
        "form": RoleForm(initial={"role": MemberRole.Role.READER}),
        "reason": ReasonForm(),
    }
