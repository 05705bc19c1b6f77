"""What waits in the network, read once for many readers."""

from collections import defaultdict
from collections.abc import Iterable

from members.accounts.models import User
from members.directory.rules import Roles
from practices.editorial.models import Revision


class Waiting:
    """All revisions that wait for somebody, by who may act on them.

    For each reader it says the same as `awaiting_review_by` and `written_by` do with two queries; a test holds them
    together.
    """

    def __init__(self, rows: Iterable[Revision]) -> None:
        self.for_decision: dict[int, list[Revision]] = defaultdict(list)  # by the office that decides
        self.to_change: dict[tuple[str, int | None], list[Revision]] = defaultdict(list)  # by whose authors are to act
        for row in rows:
            if row.is_awaiting:
                self.for_decision[row.deciding_office.pk].append(row)
            elif row.publication.owner_member_id:
                self.to_change["member", row.publication.owner_member_id].append(row)
            else:
                self.to_change["office", row.publication.owner_office_id].append(row)

    def returned_to(self, roles: Roles) -> list[Revision]:
        """Return what the authors with `roles` are to change, the oldest first."""
        places: list[tuple[str, int | None]] = [("member", pk) for pk in roles.writes_for]
        places += [("office", pk) for pk in roles.coordinates]
        found = [row for place in places for row in self.to_change.get(place, ())]
        return sorted(found, key=lambda row: (row.saved_at, row.pk))

    def awaiting(self, user: User, roles: Roles) -> list[Revision]:
        """Return the queue of `user`, who never decides on what they or their own member submitted; oldest first."""
        offices = self.for_decision if roles.is_administrator else roles.coordinates & self.for_decision.keys()
        found = [
            row
            for office in offices
            for row in self.for_decision[office]
            if row.publication.owner_member_id not in roles.members and row.submitted_by_id != user.pk
        ]
        return sorted(found, key=lambda row: (row.waits_since, row.pk))

    def waits_for(self, user: User, roles: Roles) -> bool:
        """Whether anything waits for `user`."""
        return bool(self.returned_to(roles) or self.awaiting(user, roles))


def read_waiting() -> Waiting:
    """Return what waits at this moment; one query."""
    states = [*Revision.AWAITING, Revision.State.CHANGES_REQUESTED]
    return Waiting(
        Revision.objects.filter(state__in=states).select_related(
            "publication__owner_member__office", "publication__owner_office__parent", "handed_to"
        )
    )
