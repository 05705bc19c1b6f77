"""What this room shows on other rooms' pages."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from members.accounts.models import User


def draw_report(request: HttpRequest, person: User) -> str:
    """Draw the way to report a person."""
    if person == request.user:
        return ""
    return render_to_string("exchange/moderation/report_link.html", {"kind": "person", "pk": person.pk}, request)
