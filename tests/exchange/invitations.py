"""The invitations for calendars that were sent."""

from icalendar import Calendar

from config.outbox.sender import Sender


def send_invitations(smtp):
    """Send what waits, and return (to, method, event, calendar, mail) of each new invitation, sorted."""
    seen = len(smtp.messages)
    Sender().run()
    found = []
    for mail in smtp.messages[seen:]:
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                calendar = Calendar.from_ical(part.get_content())
                (event,) = calendar.walk("VEVENT")
                assert part.get_param("method") == str(calendar["METHOD"])
                found.append((mail["To"], str(calendar["METHOD"]), event, calendar, mail))
    return sorted(found, key=lambda one: one[:2])
