"""What this room knows of a person, for the person to take along."""

from collections.abc import Iterable
from typing import Any

from exchange.exchanges.models import Feedback, Note, Participant, Task
from members.accounts.models import User


def read(user: User) -> Iterable[dict[str, Any]]:
    """Yield the exchanges that somebody takes part in, and what they wrote and had to do there."""
    for row in Participant.objects.filter(user=user).select_related("party__exchange", "party__member").order_by("pk"):
        exchange = row.party.exchange
        yield {
            "what": "participation", "exchange": exchange.title, "format": exchange.format, "state": exchange.state,
            "member": row.party.member.name, "role": row.party.role,
        }  # fmt: skip
    for note in Note.objects.filter(by=user).select_related("exchange").order_by("pk"):
        yield {"what": "note", "exchange": note.exchange.title, "text": note.text, "at": note.at.isoformat()}
    for task in Task.objects.filter(who=user).select_related("exchange").order_by("pk"):
        yield {"what": "task", "exchange": task.exchange.title, "text": task.what}
    for one in Feedback.objects.filter(by=user).select_related("party__exchange").order_by("pk"):
        yield {"what": "feedback", "exchange": one.party.exchange.title, "useful": one.useful, "text": one.text}
