"""Who speaks for a member about its asks and offers."""

from exchange.peers.models import Notice
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of


def people_to_tell(member: Member, notice: Notice | None = None) -> list[User]:
    """Return whom mail about an ask or offer of `member` goes to.

    That is the person in charge, while they write for the member; else its liaisons; else its contributors. Who is in
    charge and only reads hears of it too, the last.
    """
    person = notice.person if notice and notice.member_id == member.pk else None
    if person and not (person.is_active and member.pk in roles_of(person).members):
        person = None
    if person and member.pk in roles_of(person).writes_for:
        return [person]
    for role in ("liaison", "contributor"):
        at_member = User.objects.filter(is_active=True, member_roles__member=member, member_roles__role=role)
        if found := list(at_member.order_by("pk")):
            break
    return [*(one for one in found if one != person), *([person] if person else [])]
