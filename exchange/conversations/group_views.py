"""Groups: the list, one group, founding and changing it, and who is in it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from exchange.connections.blocks import blocked_ids
from exchange.conversations import grouping
from exchange.conversations.group_forms import AskForm, FileForm, GroupForm, InviteForm
from exchange.conversations.models import Group, Membership
from exchange.conversations.reading import way_of
from exchange.conversations.rules import standing_in
from members.accounts.models import User
from members.accounts.requests import PersonRequest
from members.directory.rules import is_in_network
from members.people.seeing import people_visible_to

PAGE_SIZE = 30
SHOWN = 10


@require_safe
def group_list(request: PersonRequest) -> HttpResponse:
    """List one's own groups and invitations, and all others that one may see."""
    if not is_in_network(request.user):
        raise PermissionDenied
    rows = Group.objects.visible_to(request.user).with_rows()
    mine = rows.joined_by(request.user)
    invited = Membership.objects.invitations_of(request.user)
    others = rows.exclude(pk__in=mine.values("pk")).exclude(pk__in=invited.values("group"))
    context = {
        "mine": mine.with_next_meeting(),
        "invited": invited.select_related("group", "by"),
        "page": Paginator(others, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "exchange/conversations/group_list.html", context)


def group_create(request: PersonRequest) -> HttpResponse:
    """Found a group."""
    if not is_in_network(request.user):
        raise PermissionDenied
    form = GroupForm(request.POST or None, by=request.user)
    if form.is_bound and form.is_valid():
        try:
            group = grouping.found_group(values=form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The group is there. Invite people, or begin a discussion."))
            return redirect(group)
    return render_form(request, "exchange/conversations/group_form.html", {"form": form}, invalid=form.is_bound)


@require_safe
def group_detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what a group is for and who keeps it, and to its members everything in it."""
    group = _get(request, pk)
    standing = standing_in(request.user, group)
    is_in = standing == Membership.State.MEMBER
    keeps = request.user.has_perm("conversations.keep_group", group)
    members = group.memberships.filter(state=Membership.State.MEMBER).select_related("user")
    context: dict[str, Any] = {
        "group": group,
        "standing": standing,
        "is_in": is_in,
        "keeps": keeps,
        "asked": group.memberships.filter(state=Membership.State.ASKED).count() if keeps else 0,
        "members": members[:PAGE_SIZE],
        "number": members.count(),
        "ask": AskForm(),
    }
    if is_in:
        events = list(group.events.shown().ending_after(timezone.now()).select_related("by")[:SHOWN])
        threads = group.threads.heard_by(request.user).select_related("begun_by")
        context |= {
            "threads": Paginator(threads.order_by("-heard_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page")),
            "events": events,
            "next": next((one for one in events if not one.cancelled_at), None),
            "files": group.files.shown().select_related("by", "blob"),
            "file_form": FileForm(),
            "way": way_of(request.user, group=group),
        }
    return render(request, "exchange/conversations/group_detail.html", context)


def group_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change what a group says of itself."""
    group = _get_kept(request, pk)
    form = GroupForm(request.POST or None, instance=group, by=request.user)
    if form.is_bound and form.is_valid():
        try:
            grouping.change_group(group=group, values=form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is saved."))
            return redirect(group)
    context = {"form": form, "group": group}
    return render_form(request, "exchange/conversations/group_form.html", context, invalid=form.is_bound)


@require_POST
def group_act(request: PersonRequest, pk: int) -> HttpResponse:
    """Join, ask, take that back, accept, refuse or leave."""
    group = _get(request, pk)
    act = request.POST.get("act", "")
    form = AskForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["message"])))
        return redirect(group)
    message = form.cleaned_data["message"]
    try:
        membership = grouping.act_for_oneself(group=group, act=act, message=message, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _outcome(membership, act))
    seen = Group.objects.visible_to(request.user).filter(pk=pk).exists()
    return redirect(group) if seen else redirect("conversations:group_list")


@require_safe
def group_leave(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask whether it is meant: some have no way back, and with its last member a group ends."""
    group = _get(request, pk)
    if standing_in(request.user, group) != Membership.State.MEMBER:
        raise PermissionDenied
    others = group.memberships.filter(state=Membership.State.MEMBER).exclude(user=request.user)
    context = {"group": group, "ends_without": group.office is None and not others.exists()}
    return render(request, "exchange/conversations/group_leave.html", context)


def group_people(request: PersonRequest, pk: int) -> HttpResponse:
    """Show its members who is in a group; let its keepers see who wants to join, invite people and remove them."""
    group = _get(request, pk)
    if not request.user.has_perm("conversations.keep_group", group):
        return _people_for_members(request, group)
    form = InviteForm(request.POST or None, by=request.user)
    if form.is_bound and form.is_valid():
        person: User = form.cleaned_data["name"]
        try:
            grouping.act_as_keeper(group=group, person=person, act="invite", by=request.user)
        except ValidationError as error:
            form.add_error("name", " ".join(error.messages))
        else:
            messages.success(request, _("%(who)s is invited.") % {"who": person})
            return redirect("conversations:group_people", pk=pk)
    shown = (Membership.State.ASKED, Membership.State.INVITED, Membership.State.MEMBER)
    rows = group.memberships.filter(state__in=shown).select_related("user")
    context = {
        "group": group,
        "form": form,
        "asked": rows.filter(state=Membership.State.ASKED),
        "silent": blocked_ids(request.user),
        "keepers": rows.filter(is_keeper=True).count(),
        "invited": rows.filter(state=Membership.State.INVITED),
        "page": Paginator(rows.filter(state=Membership.State.MEMBER), PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render_form(request, "exchange/conversations/group_people.html", context, invalid=form.is_bound)


def _people_for_members(request: PersonRequest, group: Group) -> HttpResponse:
    if request.method == "POST" or not request.user.has_perm("conversations.take_part", group):
        raise PermissionDenied
    rows = group.memberships.filter(state=Membership.State.MEMBER).select_related("user")
    context = {"group": group, "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))}
    return render(request, "exchange/conversations/group_people.html", context)


@require_POST
def group_person(request: PersonRequest, pk: int, user: int) -> HttpResponse:
    """Let somebody in, decline, remove them, or let them keep the group."""
    group = _get_kept(request, pk)
    person = get_object_or_404(people_visible_to(request.user), pk=user)
    act = request.POST.get("act", "")

    def do() -> object:
        if act in {"keeper", "no_keeper"}:
            return grouping.set_keeper(group=group, person=person, is_keeper=act == "keeper", by=request.user)
        return grouping.act_as_keeper(group=group, person=person, act=act, by=request.user)

    said = {
        "approve": _("%(who)s is in the group now."),
        "decline": _("%(who)s is not let in."),
        "invite": _("%(who)s is invited."),
        "remove": _("%(who)s is not in the group any more, nor invited."),
        "keeper": _("%(who)s keeps the group now."),
        "no_keeper": _("%(who)s does not keep the group any more."),
    }
    tell_outcome(request, do, said.get(act, "") % {"who": person})
    return redirect("conversations:group_people", pk=pk)


def _outcome(membership: Membership, act: str) -> str:
    """Say what came of an act: where the person stands now, not what was asked for."""
    if membership.state == Membership.State.MEMBER:
        return _("You are in the group now.")
    if membership.state == Membership.State.ASKED:
        return _("Your request is with the keepers of the group.")
    if membership.group.ended_at:
        return _("You have left the group. You were its last member, so it has ended.")
    said = {
        "withdraw": _("Your request is taken back."),
        "refuse": _("You have declined the invitation."),
    }
    return said.get(act) or _("You have left the group.")


def _get(request: PersonRequest, pk: int) -> Group:
    rows = Group.objects.visible_to(request.user).select_related("topic", "office")
    found: Group = get_object_or_404(rows, pk=pk)
    return found


def _get_kept(request: PersonRequest, pk: int) -> Group:
    group = _get(request, pk)
    if not request.user.has_perm("conversations.keep_group", group):
        raise PermissionDenied
    return group
