"""What happens at a time, as calendar programs read it: invitations (RFC 5546, RFC 6047) and feeds (RFC 5545)."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

logger = logging.getLogger(__name__)

PRODUCT = "-//Talkoo//Calendar//EN"


@dataclass(frozen=True)
class Occasion:
    """One thing that happens.

    Attributes:
        uid: names it for ever; the network's domain is added.
        sequence: goes up by one with each change that calendars must follow.
        changed_at: when it was changed last.
        zone: of the place; a calendar keeps the hour there when the rules of the zone change.
        status: "CONFIRMED", "TENTATIVE" or "CANCELLED".
    """

    uid: str
    sequence: int
    changed_at: datetime
    summary: str
    starts: datetime
    ends: datetime
    zone: ZoneInfo
    location: str = ""
    description: str = ""
    url: str = ""
    status: str = "CONFIRMED"


def invitation(occasion: Occasion, people: Iterable[tuple[str, str]], *, method: str, made_at: datetime) -> bytes:
    """Return an occasion as an invitation.

    Args:
        made_at: when it is sent: of two with the same sequence a program follows the later one (RFC 5546, 2.1.5).
        people: name and e-mail address of each who is invited; for a cancellation of those from whom it is taken.
        method: "REQUEST" for an invitation or its update, "CANCEL".
    """
    calendar = _calendar()
    calendar.add("method", method)
    event = _event(occasion, made_at)
    # Answers go nowhere: who takes part is said on the page. So nobody's program is asked to send one.
    organiser = vCalAddress(f"mailto:{_own_address()}")
    organiser.params["CN"] = vText(settings.NETWORK_NAME)
    event["organizer"] = organiser
    for name, address in people:
        attendee = vCalAddress(f"mailto:{address}")
        attendee.params["CN"] = vText(name)
        attendee.params["CUTYPE"] = vText("INDIVIDUAL")
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
        attendee.params["RSVP"] = vText("FALSE")
        event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    return _bytes(calendar, [occasion])


def feed(occasions: Sequence[Occasion], *, name: str) -> bytes:
    """Return occasions as a calendar to subscribe to, or to open as a file."""
    calendar = _calendar()
    calendar.add("x-wr-calname", vText(name))
    drawn = []
    for occasion in occasions:
        try:
            calendar.add_component(_event(occasion, occasion.changed_at))
        except OverflowError:  # in the zone it is in the year 10000, or before the year 1; the others go out
            logger.warning("No calendar can show %s: it starts at %s", occasion.uid, occasion.starts)
        else:
            drawn.append(occasion)
    return _bytes(calendar, drawn)


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(occasion: Occasion, made_at: datetime) -> Event:
    event = Event()
    made_at, changed_at = (one.astimezone(UTC).replace(microsecond=0) for one in (made_at, occasion.changed_at))
    event.add("uid", f"{occasion.uid}@{settings.MAIL_DOMAIN}")
    event.add("sequence", occasion.sequence)
    event.add("dtstamp", made_at)
    event.add("last-modified", changed_at)
    event.add("summary", occasion.summary)
    event.add("dtstart", occasion.starts.astimezone(occasion.zone))
    event.add("dtend", occasion.ends.astimezone(occasion.zone))
    for key in ("location", "description", "url"):
        if said := getattr(occasion, key):
            event.add(key, said)
    event.add("status", occasion.status)
    event.add("transp", "OPAQUE")
    return event


def _bytes(calendar: Calendar, occasions: Sequence[Occasion]) -> bytes:
    """Write a calendar, with what its zones were and will be in the years of what happens in it."""
    if occasions:
        years = [one.starts.year for one in occasions]
        first, last = max(min(years) - 1, MINYEAR), min(max(years) + 2, MAXYEAR)
        calendar.add_missing_timezones(date(first, 1, 1), date(last, 1, 1))
    data: bytes = calendar.to_ical()
    return data


def _own_address() -> str:
    address: str = settings.DEFAULT_FROM_EMAIL
    return address.rpartition("<")[2].strip("> ")
