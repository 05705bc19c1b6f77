"""One message to several people, and the revision that a message is about."""

from collections.abc import Iterable
from datetime import datetime

from config.outbox.kinds import Kind
from config.outbox.models import Message
from config.outbox.services import queue_message
from members.accounts.models import User
from practices.editorial.models import Revision

RELATED = (
    "publication__owner_member__office__parent", "publication__owner_office__parent__parent", "submitted_by",
    "reviewer", "handed_to__parent", "handed_from",
)  # fmt: skip


def tell(people: Iterable[User], *, kind: Kind, key: str, payload: dict[str, object]) -> None:
    """Queue a message of `kind` to each of `people`, once for `key` and person."""
    for person in people:
        queue_message(
            kind=kind,
            key=f"{key}:{person.pk}",
            to=person.email,
            user=person,
            language=person.language,
            payload=payload,
        )


def revision_of(message: Message) -> Revision | None:
    """Return the revision that `message` names, as it is now."""
    found: Revision | None = Revision.objects.select_related(*RELATED).filter(pk=message.payload["revision"]).first()
    return found


def stamp(at: datetime | None) -> str:
    """Write a time as a part of a key."""
    return f"{at:%Y%m%dT%H%M%S.%f}" if at else ""
