"""Sessions as calendar programs read them."""

from collections.abc import Iterable
from datetime import datetime

from config.kit import calendars
from config.outbox.rendering import absolute_url
from exchange.exchanges.models import Exchange, Session
from members.accounts.models import User


def invitation(session: Session, people: Iterable[User], *, method: str, made_at: datetime) -> bytes:
    """Return a session as an invitation to `people`, or taken from them; see `config.kit.calendars`."""
    occasion = occasion_of(session, cancelled=method == "CANCEL")
    return calendars.invitation(occasion, [(one.name, one.email) for one in people], method=method, made_at=made_at)


def occasion_of(session: Session, *, cancelled: bool = False) -> calendars.Occasion:
    """Return a session as a calendar shows it; `cancelled` also where it only leaves somebody's calendar."""
    exchange = session.exchange
    link = absolute_url(exchange.get_absolute_url())
    proposed = exchange.stands_at == Exchange.State.PROPOSED
    return calendars.Occasion(
        uid=str(session.uid),
        sequence=session.sequence,
        changed_at=session.changed_at,
        summary=f"{session.title} · {exchange.title}" if session.title != exchange.title else session.title,
        starts=session.starts_at,
        ends=session.ends_at,
        zone=session.zone,
        location=", ".join(one for one in (session.place, session.link) if one),
        description="\n".join(one for one in (exchange.get_format_display(), session.link, link) if one),
        url=link,
        status="CANCELLED" if cancelled else "TENTATIVE" if proposed else "CONFIRMED",
    )
