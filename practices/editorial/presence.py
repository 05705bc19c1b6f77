"""Who else has a revision open. Kept in the cache for a minute: nothing that matters is lost with it."""

from dataclasses import dataclass

from django.core.cache import cache

from members.accounts.models import User
from practices.editorial.models import Revision
from practices.library.queries import writers_of

SECONDS = 60


@dataclass(frozen=True)
class Editing:
    """Somebody who has a step open."""

    name: str
    step: str


def tell_presence(*, revision: Revision, step: str, by: User) -> list[Editing]:
    """Remember that `by` has a step open, and return who else has one."""
    cache.set(_key(revision, by.pk), step, SECONDS)
    others = {_key(revision, one.pk): one for one in writers_of(revision.publication) if one.pk != by.pk}
    return [Editing(str(others[key]), step) for key, step in cache.get_many(others).items()]


def _key(revision: Revision, person: int) -> str:
    return f"editing:{revision.pk}:{person}"
