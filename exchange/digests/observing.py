"""What is watched of the digests from outside."""

from collections.abc import Iterator

from django.db.models import Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from config.ops.services import silence_of
from exchange.digests.models import Subscription

LATE = 1800.0  # seconds that a digest may be planned after its time


def planner() -> str:
    return silence_of("planner")


def due_digests() -> str:
    late = overdue()
    return f"the oldest was due {late:.0f} seconds ago" if late > LATE else ""


def overdue() -> float:
    """Return for how many seconds the digest has been due that has waited longest; 0 where none is."""
    now = timezone.now()
    due = Subscription.objects.deliverable().filter(next_due__lte=now)
    oldest = due.aggregate(oldest=Min("next_due"))["oldest"]
    return (now - oldest).total_seconds() if oldest else 0.0


def collect() -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily("talkoo_digests_overdue_seconds", "Since the longest overdue digest was due.", overdue())
