"""Exchanges between members, from the proposal to what came of it."""

from exchange.exchanges.models.exchanges import LONGEST, WAIT_FOR_FEEDBACK, Exchange, Participant, Party
from exchange.exchanges.models.outcomes import Feedback, Outcome
from exchange.exchanges.models.sessions import Invitee, Session
from exchange.exchanges.models.work import Attachment, Note, Task

__all__ = [
    "LONGEST", "WAIT_FOR_FEEDBACK", "Attachment", "Exchange", "Feedback", "Invitee", "Note", "Outcome", "Participant",
    "Party", "Session", "Task",
]  # fmt: skip
