"""When groups meet, as calendar programs read it."""

from config.kit.calendars import Occasion
from config.outbox.rendering import absolute_url
from exchange.conversations.models import GroupEvent


def occasion_of(event: GroupEvent) -> Occasion:
    """Return a meeting as a calendar shows it; a cancelled one says so, so that calendars take it out."""
    link = absolute_url(event.group.get_absolute_url())
    title, group = event.title, event.group.name
    return Occasion(
        uid=str(event.uid),
        sequence=event.sequence,
        changed_at=event.changed_at,
        summary=f"{title} · {group}" if title != group else title,
        starts=event.starts_at,
        ends=event.ends_at,
        zone=event.zone,
        location=", ".join(one for one in (event.place, event.link) if one),
        description="\n".join(one for one in (event.about, event.link, link) if one),
        url=link,
        status="CANCELLED" if event.cancelled_at else "CONFIRMED",
    )
