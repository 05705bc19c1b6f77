"""What becomes of asks, offers and introductions of a member that is merged into another."""

from django.db.models import F, Q
from django.utils import timezone

from exchange.peers.models import Dismissal, Introduction, Match, Notice
from exchange.peers.transitions import move
from members.accounts.models import User
from members.directory.models import Member


def move_notices(member: Member, into: Member, _by: User) -> None:
    """Give asks, offers and open introductions of `member` to `into`; suggestions are worked out anew at night.

    Settled introductions stay as they were. An open one of the two with each other, or one that `into` has already, is
    withdrawn.
    """
    Notice.objects.filter(member=member).update(member=into, edition=F("edition") + 1, matched_at=None)
    Match.objects.filter(Q(member__in=[member, into]) | Q(to_member=member)).delete()
    Dismissal.objects.filter(Q(member=member) | Q(to_member=member)).delete()
    rows = Introduction.objects.select_for_update().filter(state=Introduction.State.PROPOSED)
    for one in rows.filter(Q(member=member) | Q(peer=member)).order_by("pk"):
        sides = {"member": one.member_id, "peer": one.peer_id}
        moved = {side: into.pk if pk == member.pk else pk for side, pk in sides.items()}
        if moved["member"] == moved["peer"] or rows.filter(notice=one.notice_id, **moved).exists():
            move(one, "withdraw")
            one.settled_at = timezone.now()
        else:
            one.member_id, one.peer_id = moved["member"], moved["peer"]
        one.save()
