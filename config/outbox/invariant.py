"""Whether what was planned is the sum of what became of it, by two records that are written apart: the messages'
states and the journal of events.
"""

import logging
from dataclasses import dataclass

from django.db import connection

from config.ops.services import beat

logger = logging.getLogger(__name__)

NEWEST = 100_000  # messages that are looked at, besides all that are still open: about half a second
NAMED = 20  # broken ones that are named
HEARTBEAT = "ledger"

# Every message was queued with an event; where it stands now is what its last event says. One that is on its way again
# was made ready with an event too; a claim writes none.
_COMPARE = """
WITH looked_at AS (
    SELECT id, state FROM outbox_message
    WHERE id > (SELECT coalesce(max(id), 0) - %(newest)s FROM outbox_message)
    UNION
    SELECT id, state FROM outbox_message WHERE state IN ('ready', 'retry')
    UNION
    SELECT id, state FROM outbox_message WHERE state IN ('claimed', 'submitting')
)
SELECT looked_at.state, last.state, count(*), (array_agg(looked_at.id))[:%(named)s]
FROM looked_at LEFT JOIN LATERAL (
    SELECT state FROM outbox_event
    WHERE outbox_event.message_id = looked_at.id AND NOT fenced ORDER BY outbox_event.id DESC LIMIT 1
) AS last ON true
GROUP BY 1, 2
"""
_WAITING = frozenset({"ready", "retry"})
_IN_HAND = frozenset({"claimed", "submitting"})


@dataclass(frozen=True)
class Balance:
    """How many messages were queued, how many stand in each state, and which of them do not agree."""

    planned: int
    states: dict[str, int]
    broken: int
    named: list[int]


def compare_ledger() -> Balance:
    """Compare the newest messages, and all that are open, with the journal; one query."""
    planned, broken = 0, 0
    states: dict[str, int] = {}
    named: list[int] = []
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, {"newest": NEWEST, "named": NAMED})
        for state, last, count, ids in cursor.fetchall():
            states[state] = states.get(state, 0) + count
            planned += count if last else 0
            if not _agrees(state, last):
                broken += count
                named += ids
    return Balance(planned, states, broken, sorted(named)[:NAMED])


def check_ledger() -> Balance:
    """Compare, and leave the result as a heartbeat; what is broken goes to the log."""
    found = compare_ledger()
    if found.broken:
        logger.error("%s messages do not agree with their journal, among them %s", found.broken, found.named)
    beat(HEARTBEAT, planned=found.planned, states=found.states, broken=found.broken, named=found.named)
    return found


def _agrees(state: str, last: str | None) -> bool:
    if state in _IN_HAND:
        return last in _WAITING
    if state in _WAITING:
        return last in _WAITING
    return state == last
