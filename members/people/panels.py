"""What this room shows on a member's page and on a person's profile."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of
from members.people.join_requests import members_to_join
from members.people.models import JoinRequest


def draw_requests(request: HttpRequest, member: Member) -> str:
    """Draw who asks to join, for those who may answer."""
    roles = roles_of(request.user)
    if not (roles.is_administrator or member.pk in roles.liaison_of or member.office_id in roles.coordinates):
        return ""
    rows = JoinRequest.objects.answerable_by(request.user).filter(member=member).select_related("user", "leaves")
    return render_to_string("members/people/requests_panel.html", {"rows": rows.order_by("pk")}, request)


def draw_places(request: HttpRequest, user: User) -> str:
    """Draw at which members the reader is, and which they may ask."""
    context = {
        "roles": user.member_roles.select_related("member").order_by("pk"),
        "possible": members_to_join(user).exists(),
        "asked": JoinRequest.objects.open().filter(user=user).select_related("member").order_by("pk"),
    }
    return render_to_string("members/people/places_panel.html", context, request)
