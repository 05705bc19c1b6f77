"""Whether a person wants announcements."""

from collections.abc import Iterable
from typing import Any

from exchange.announcements.models import Leave
from members.accounts.models import User


def read(user: User) -> Iterable[dict[str, Any]]:
    yield {"wants_announcements": not Leave.objects.filter(user=user).exists()}


def erase(user: User) -> None:
    Leave.objects.filter(user=user).delete()
