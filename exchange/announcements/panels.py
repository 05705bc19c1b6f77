"""What this room shows on other rooms' pages."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from exchange.announcements.models import Leave
from exchange.announcements.rules import writes_for_an_office


def draw_link(request: HttpRequest, _subject: object) -> str:
    """Draw the way from outgoing mail to the announcements."""
    if not writes_for_an_office(request.user):
        return ""
    return render_to_string("exchange/announcements/link.html", request=request)


def draw_leaving(request: HttpRequest, _subject: object) -> str:
    """Draw whether the reader gets announcements, and the button for the other."""
    has_left = Leave.objects.filter(user=request.user.pk).exists()
    return render_to_string("exchange/announcements/leaving.html", {"has_left": has_left}, request)
