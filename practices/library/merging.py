"""What becomes of the publications of a member that is merged into another."""

from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Publication
from practices.library.services import record_act


def move_publications(member: Member, into: Member, by: User) -> None:
    """Give all publications of `member` to `into`; whatever hangs on them comes along."""
    for publication in Publication.objects.select_for_update().filter(owner_member=member).order_by("pk"):
        publication.owner_member = into
        publication.save(update_fields=["owner_member"])
        record_act(publication, "moved", by=by, details={"from": member.pk})
