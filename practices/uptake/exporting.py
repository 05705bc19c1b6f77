"""What the archive of a member says about uptake: what it took up from others, and what others took up from it."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from config.outbox.rendering import absolute_url
from members.accounts.models import User
from members.directory.models import Member
from practices.uptake.models import Uptake

FIELDS = (
    "id", "state", "considering_since", "adapting_since", "in_use_since", "dropped_since", "language", "changed",
    "cost_amount", "cost_currency", "result", "drop_reason", "contact_title", "contact_email", "own_publication_id",
    "recorded_at", "confirmed_at", "declined_at", "decline_reason",
)  # fmt: skip


def read_uptake(member: Member, by: User) -> Iterator[dict[str, Any]]:
    """Yield both ways, as far as `by` may read them; `direction` says which it is."""
    both = Q(member=member) | Q(publication__owner_member=member)
    rows = Uptake.objects.visible_to(by).filter(both).with_rows(by).order_by("pk")
    for row in rows.iterator(chunk_size=200):
        yield {
            "direction": "taken" if row.member_id == member.pk else "given",
            "member": row.member.name,
            "publication": absolute_url(row.publication.get_absolute_url()),
            # The title only of what they may read.
            "title": row.publication.title if row.publication_readable else None,
            **{name: getattr(row, name) for name in FIELDS},
        }
