"""What the editorial room writes, by what it is about. Importing it registers every kind of message."""

from practices.editorial.emails.assessments import (
    queue_answer,
    queue_assessment_reminder,
    queue_invitation,
    queue_withdrawn,
)
from practices.editorial.emails.desk import queue_assigned, queue_handed_over, queue_overdue, queue_weekly
from practices.editorial.emails.responsibility import queue_left_to, queue_responsible
from practices.editorial.emails.revisions import queue_decision, queue_waiting
from practices.editorial.emails.talk import queue_remark

__all__ = [
    "queue_answer", "queue_assessment_reminder", "queue_assigned", "queue_decision", "queue_handed_over",
    "queue_invitation", "queue_left_to", "queue_overdue", "queue_remark", "queue_responsible", "queue_waiting", "queue_weekly",
    "queue_withdrawn",
]  # fmt: skip
