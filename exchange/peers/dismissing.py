"""Not for us: what a member does not want to be shown again, and what its reasons change in its next lists."""

from collections import Counter
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from config.journal.services import record
from exchange.peers.models import Dismissal, Match, Notice
from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Publication

# The parts of a score that count more after a refusal for this reason.
PARTS: dict[str, tuple[str, ...]] = {
    Dismissal.Reason.TOPIC: ("meaning", "topics"),
    Dismissal.Reason.SIZE: ("size",),
    Dismissal.Reason.CLIMATE: ("climate",),
    Dismissal.Reason.PLACE: ("place",),
    Dismissal.Reason.LANGUAGE: ("language",),
}
STEP, MOST_STEPS = 0.5, 4
TARGETS = {Notice: "to_notice", Publication: "to_publication", Member: "to_member"}


@transaction.atomic
def dismiss(
    *, member: Member, target: Notice | Publication | Member, reason: str, note: str = "", by: User
) -> Dismissal:
    """Take a suggestion from the lists of `member`, for good. Who refuses it again says why anew.

    Raises:
        PermissionDenied: `by` does not write for the member.
        ValidationError: the reason is none.
    """
    if not by.has_perm("library.write_for_owner", member):
        raise PermissionDenied
    if reason not in Dismissal.Reason.values:
        raise ValidationError({"reason": _("Choose a reason.")})
    where: dict[str, Any] = {TARGETS[type(target)]: target}
    row, made = Dismissal.objects.update_or_create(
        member=member, **where, defaults={"reason": reason, "note": note.strip()[:300], "by": by}
    )
    Match.objects.filter(member=member, **where).delete()
    if made:
        record(verb="dismissed", obj=target, by=by, member_id=member.pk, details={"reason": reason})
    return row


@transaction.atomic
def take_back(*, dismissal: Dismissal, by: User) -> None:
    """Let it come again with the next lists.

    Raises:
        PermissionDenied: `by` does not write for the member.
    """
    if not by.has_perm("library.write_for_owner", dismissal.member):
        raise PermissionDenied
    Dismissal.objects.filter(pk=dismissal.pk).delete()


def read_dismissed() -> dict[tuple[int, str], frozenset[int]]:
    """Return what each member does not want to see, by its key and the column of `Match`."""
    found: dict[tuple[int, str], set[int]] = {}
    for member, *targets in Dismissal.objects.values_list("member", *TARGETS.values()):
        for name, pk in zip(TARGETS.values(), targets, strict=True):
            if pk:
                found.setdefault((member, name), set()).add(pk)
    return {key: frozenset(pks) for key, pks in found.items()}


def read_factors() -> dict[int, dict[str, float]]:
    """Return how much more parts count for members, by what they were not happy with."""
    counts = Counter(Dismissal.objects.filter(reason__in=PARTS).values_list("member", "reason"))
    found: dict[int, dict[str, float]] = {}
    for (member, reason), count in counts.items():
        for part in PARTS[reason]:
            found.setdefault(member, {})[part] = 1 + STEP * min(count, MOST_STEPS)
    return found
