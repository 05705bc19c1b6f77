"""The page of a member."""

from django.db.models import Prefetch
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from config.files.serving import serve_blob
from members.accounts.requests import PersonRequest
from members.directory.history import read_history
from members.directory.models import Invitation, Member, MemberRole
from members.directory.queries import final_member
from members.directory.rules import roles_of

BROUGHT_IN = 12


def member_detail(request: PersonRequest, slug: str) -> HttpResponse:
    people = Prefetch("roles", MemberRole.objects.select_related("user").order_by("user__name"))
    listed = Prefetch("associations", Member.objects.listed())
    members = Member.objects.visible_to(request.user).select_related("office", "logo", "merged_into")
    member = get_object_or_404(members.prefetch_related(people, listed, "pathways", "contacts__person"), slug=slug)
    if member.merged_into:
        return redirect(final_member(member))
    mine = roles_of(request.user).members - {member.pk}
    brings_in = member.brings_in.listed() if member.kind == Member.Kind.ASSOCIATION else Member.objects.none()
    brought = list(brings_in.order_by("name_en", "pk")[: BROUGHT_IN + 1])
    context = {
        "member": member,
        "contacts": sorted(member.contacts.all(), key=lambda one: one.Function.values.index(one.function)),
        "may_change": request.user.has_perm("directory.change_member", member),
        "may_invite": request.user.has_perm("directory.invite_to_member", member),
        "invitations": Invitation.objects.visible_to(request.user).open().filter(member=member).order_by("pk"),
        "brings_in": brought[:BROUGHT_IN],
        "brings_in_more": len(brought) > BROUGHT_IN,
        "mine": Member.objects.listed().filter(pk__in=mine).order_by("pk").first() if mine else None,
        "history": read_history(member, request.user),
    }
    return render(request, "members/directory/member_detail.html", context)


@require_safe
def member_logo(request: PersonRequest, slug: str) -> HttpResponseBase:
    """Send the logo; `?size=small` for the small one."""
    members = Member.objects.visible_to(request.user).select_related("logo").exclude(logo=None)
    member = get_object_or_404(members, slug=slug)
    return serve_blob(request, member.logo, name=f"{member.slug}-logo", small=request.GET.get("size") == "small")
