"""What this room shows on a member's page."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from members.directory.models import Member


def draw_fees(request: HttpRequest, member: Member) -> str:
    """Draw, for its liaisons and its office, the way to the fees of a member."""
    if not request.user.has_perm("fees.view_fees_of_member", member):
        return ""
    return render_to_string("members/fees/member_panel.html", {"member": member}, request)
