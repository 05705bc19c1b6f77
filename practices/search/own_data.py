"""The searches that a person has saved."""

from collections.abc import Iterable
from typing import Any

from members.accounts.models import User
from practices.search.models import SavedSearch


def read(user: User) -> Iterable[dict[str, Any]]:
    yield from SavedSearch.objects.filter(user=user).order_by("pk").values("name", "query", "cadence")  # type: ignore[misc]


def erase(user: User) -> None:
    SavedSearch.objects.filter(user=user).delete()
