"""An event of a group as a calendar reads it (RFC 5545)."""

from datetime import UTC

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event

from config.outbox.rendering import absolute_url
from exchange.conversations.models import GroupEvent


def event_calendar(event: GroupEvent) -> bytes:
    """Return a calendar with this event alone; a cancelled one says so, so that calendars take it out.

    Times are in UTC, which every calendar shows in its owner's own zone.
    """
    entry = Event()
    entry.add("uid", f"{event.uid}@{settings.MAIL_DOMAIN}")
    entry.add("dtstamp", timezone.now())
    entry.add("sequence", event.sequence)
    entry.add("status", "CANCELLED" if event.cancelled_at else "CONFIRMED")
    entry.add("summary", event.title)
    entry.add("dtstart", event.starts_at.astimezone(UTC))
    entry.add("dtend", event.ends_at.astimezone(UTC))
    entry.add("url", absolute_url(event.group.get_absolute_url()))
    if place := ", ".join(filter(None, [event.place, event.link])):
        entry.add("location", place)
    if event.about:
        entry.add("description", event.about)
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.NETWORK_NAME}//Talkoo//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if event.cancelled_at else "PUBLISH")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
