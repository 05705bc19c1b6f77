"""What becomes of the uptake of a member that is merged into another."""

from members.accounts.models import User
from members.directory.models import Member
from practices.uptake.models import BookmarkList, Uptake


def move_uptake(member: Member, into: Member, _by: User) -> None:
    """Give uptake and shared lists of `member` to `into`.

    What both have taken up stays recorded for each, and what `into` has published itself is no uptake of its own.
    """
    both = Uptake.objects.filter(member=into).values("publication")
    rows = Uptake.objects.filter(member=member).exclude(publication__in=both)
    rows.exclude(publication__owner_member=into).update(member=into)
    BookmarkList.objects.filter(shared_with=member).update(shared_with=into)
