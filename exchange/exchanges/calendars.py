"""Sessions as calendar programs read them: invitations (RFC 5546, RFC 6047) and a feed (RFC 5545)."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from config.outbox.rendering import absolute_url
from exchange.exchanges.models import Exchange, Session
from members.accounts.models import User

PRODUCT = "-//Talkoo//Exchanges//EN"


def invitation(session: Session, people: Iterable[User], *, method: str) -> bytes:
    """Return a session as an invitation.

    Args:
        people: who is invited; for a cancellation those whom it is taken from.
        method: "REQUEST" for an invitation or its update, "CANCEL".
    """
    calendar = _calendar()
    calendar.add("method", method)
    event = _event(session, cancelled=method == "CANCEL")
    # Answers go nowhere: who takes part is said on the page. So nobody's program is asked to send one.
    organiser = vCalAddress(f"mailto:{_own_address()}")
    organiser.params["CN"] = vText(settings.NETWORK_NAME)
    event["organizer"] = organiser
    for person in people:
        attendee = vCalAddress(f"mailto:{person.email}")
        attendee.params["CN"] = vText(person.name)
        attendee.params["CUTYPE"] = vText("INDIVIDUAL")
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
        attendee.params["RSVP"] = vText("FALSE")
        event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    return _bytes(calendar, [session])


def feed(sessions: Iterable[Session], *, name: str) -> bytes:
    """Return sessions as a calendar to subscribe to."""
    calendar, sessions = _calendar(), list(sessions)
    calendar.add("x-wr-calname", name)
    for session in sessions:
        calendar.add_component(_event(session, cancelled=False))
    return _bytes(calendar, sessions)


def uid_of(session: Session) -> str:
    """Return the name of a session for calendars, which never changes."""
    return f"{session.uid}@{settings.MAIL_DOMAIN}"


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(session: Session, *, cancelled: bool) -> Event:
    exchange = session.exchange
    link = absolute_url(exchange.get_absolute_url())
    event = Event()
    event.add("uid", uid_of(session))
    event.add("sequence", session.sequence)
    event.add("dtstamp", session.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", session.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", f"{session.title} · {exchange.title}" if session.title != exchange.title else session.title)
    event.add("dtstart", _local(session.starts_at, session))
    event.add("dtend", _local(session.ends_at, session))
    if place := ", ".join(one for one in (session.place, session.link) if one):
        event.add("location", place)
    event.add("description", "\n".join(one for one in (exchange.get_format_display(), session.link, link) if one))
    event.add("url", link)
    if cancelled:
        event.add("status", "CANCELLED")
    else:
        proposed = exchange.state == Exchange.State.PROPOSED
        event.add("status", "TENTATIVE" if proposed else "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event


def _local(time: datetime, session: Session) -> datetime:
    """Return a time in the session's own zone, so that a calendar keeps its hour when the rules of the zone change."""
    return time.astimezone(session.zone)


def _bytes(calendar: Calendar, sessions: Collection[Session]) -> bytes:
    """Write a calendar, with what its zones were and will be in the years of its sessions."""
    if sessions:
        years = [one.starts_at.year for one in sessions]
        calendar.add_missing_timezones(date(min(years) - 1, 1, 1), date(max(years) + 2, 1, 1))
    data: bytes = calendar.to_ical()
    return data


def _own_address() -> str:
    address: str = settings.DEFAULT_FROM_EMAIL
    return address.rpartition("<")[2].strip("> ")
