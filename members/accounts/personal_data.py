"""What is known of a person: rooms register what they have, for the person to take along and to have erased.

Sources: Regulation (EU) 2016/679, articles 15 (access), 17 (erasure), 20 (portability) and 30 (records).
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from members.accounts.models import PersonalDataEvent

if TYPE_CHECKING:
    from members.accounts.models import User

Read = Callable[["User"], Iterable[dict[str, Any]]]
ReadFiles = Callable[["User"], Iterable[tuple[str, Path]]]
Erase = Callable[["User"], None]
KEPT = timedelta(days=730)  # the trigger of the database counts the same
_parts: dict[str, Read] = {}
_files: dict[str, ReadFiles] = {}
_erasures: dict[str, Erase] = {}


def register_personal_data(name: str, read: Read) -> None:
    """Add `NAME.json` to what a person takes along: the rows that `read(user)` yields; from an AppConfig's ready()."""
    _parts[name] = read


def register_personal_files(name: str, read: ReadFiles) -> None:
    """Add files under `NAME/`: (name in the archive, where it lies); from an AppConfig's ready()."""
    _files[name] = read


def register_erasure(name: str, erase: Erase) -> None:
    """Have `erase(user)` called in the transaction that erases somebody; from an AppConfig's ready().

    What it leaves is the member's: it may point to the person, who has no name any more.
    """
    _erasures[name] = erase


def personal_parts() -> dict[str, Read]:
    """Return what is registered, by name."""
    return dict(sorted(_parts.items()))


def personal_files() -> dict[str, ReadFiles]:
    return dict(sorted(_files.items()))


def erase_in_rooms(user: "User") -> None:
    """Let every room erase what it has of `user`."""
    for _name, erase in sorted(_erasures.items()):
        erase(user)


def note_personal_data(*, who: "User", whose: "User", what: str, details: dict[str, Any] | None = None) -> None:
    """Write down that `who` saw or changed data of `whose`; of one's own nothing is written.

    Args:
        what: one of `PersonalDataEvent.What`; `details` name columns, never what stands in them.
    """
    if who.pk != whose.pk:
        PersonalDataEvent.objects.create(who=who, whose=whose, what=what, details=details or {})


def note_address_seen(*, who: "User", address: str) -> None:
    """Write down that `who` saw `address` on a page about something else, where it is that of an account."""
    whose = get_user_model().objects.filter(email__iexact=address).first()
    if whose:
        note_personal_data(who=who, whose=whose, what=PersonalDataEvent.What.ADDRESS_SEEN)


@transaction.atomic
def forget_old_events() -> int:
    """Delete what is older than two years, which the database allows here alone.

    Returns:
        How many were deleted.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL talkoo.retention = 'on'")
        deleted, _tables = PersonalDataEvent.objects.filter(at__lt=timezone.now() - KEPT).delete()
        cursor.execute("SET LOCAL talkoo.retention = ''")
    return deleted
