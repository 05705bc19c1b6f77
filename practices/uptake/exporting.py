"""Uptake as plain values, for the archive of a member and for tables."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from config.kit.tables import guard
from config.outbox.rendering import absolute_url
from members.accounts.models import User
from members.directory.models import Member
from practices.uptake.models import Uptake
from practices.uptake.querysets import UptakeQuerySet

FIELDS = (
    "id", "state", "considering_since", "adapting_since", "in_use_since", "dropped_since", "language", "changed",
    "cost_amount", "cost_currency", "result", "drop_reason", "contact_title", "contact_email", "own_publication_id",
    "recorded_at", "confirmed_at", "declined_at", "decline_reason",
)  # fmt: skip
UPTAKE_COLUMNS = ("member", "publication", "title", *FIELDS)


def read_uptake(member: Member, by: User) -> Iterator[dict[str, Any]]:
    """Yield both ways, as far as `by` may read them; `direction` says which it is."""
    both = Q(member=member) | Q(publication__owner_member=member)
    rows = Uptake.objects.visible_to(by).filter(both).order_by("pk")
    for row in rows.with_rows(by).iterator(chunk_size=200):
        yield {"direction": "taken" if row.member_id == member.pk else "given", **_values(row)}


def uptake_rows(rows: UptakeQuerySet, by: User) -> Iterator[list[str]]:
    """Yield the cells of each row, in the order of `UPTAKE_COLUMNS`; one query for any number."""
    for row in rows.with_rows(by).iterator(chunk_size=200):
        yield [guard("" if value is None else str(value)) for value in _values(row).values()]


def _values(row: Uptake) -> dict[str, Any]:
    return {
        "member": row.member.name,
        "publication": absolute_url(row.publication.get_absolute_url()),
        # The title only of what they may read.
        "title": row.publication.title if row.publication_readable else None,  # type: ignore[attr-defined]
        **{name: getattr(row, name) for name in FIELDS},
    }
