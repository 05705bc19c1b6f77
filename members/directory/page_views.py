"""The pages of members and offices."""

from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from config.files.serving import serve_blob
from members.accounts.requests import PersonRequest
from members.directory.models import Invitation, Member, MemberRole, Office, OfficeRole


def member_detail(request: PersonRequest, slug: str) -> HttpResponse:
    people = Prefetch("roles", MemberRole.objects.select_related("user").order_by("user__name"))
    members = Member.objects.visible_to(request.user).select_related("office")
    member = get_object_or_404(members.prefetch_related(people, "contacts__person"), slug=slug)
    context = {
        "member": member,
        "may_invite": request.user.has_perm("directory.invite_to_member", member),
        "invitations": Invitation.objects.visible_to(request.user).open().filter(member=member).order_by("pk"),
    }
    return render(request, "members/directory/member_detail.html", context)


@require_safe
def member_logo(request: PersonRequest, slug: str) -> HttpResponseBase:
    """Send the logo; `?size=small` for the small one."""
    members = Member.objects.visible_to(request.user).select_related("logo").exclude(logo=None)
    member = get_object_or_404(members, slug=slug)
    return serve_blob(request, member.logo, name=f"{member.slug}-logo", small=request.GET.get("size") == "small")


def office_detail(request: PersonRequest, slug: str) -> HttpResponse:
    people = Prefetch("roles", OfficeRole.objects.select_related("user").order_by("role", "user__name"))
    size = Count("members", filter=Q(members__is_active=True))
    offices = Office.objects.visible_to(request.user).select_related("parent").annotate(size=size)
    office = get_object_or_404(offices.prefetch_related(people, "children"), slug=slug)
    return render(request, "members/directory/office_detail.html", {"office": office})
