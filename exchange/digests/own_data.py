"""A person's subscription to the digest."""

from collections.abc import Iterable
from typing import Any

from exchange.digests.models import Mute, Subscription
from members.accounts.models import User


def read(user: User) -> Iterable[dict[str, Any]]:
    for row in Subscription.objects.filter(user=user):
        yield {
            "cadence": row.cadence, "weekday": row.weekday, "day": row.day, "hour": row.hour,
            "time_zone": row.time_zone, "language": row.language, "sections": row.sections,
            "topics": list(row.topics.values_list("code", flat=True)),
            "pathways": list(row.pathways.values_list("code", flat=True)),
            "muted": [str(one) for one in Mute.objects.filter(subscription=row)],
        }  # fmt: skip


def erase(user: User) -> None:
    Subscription.objects.filter(user=user).delete()
