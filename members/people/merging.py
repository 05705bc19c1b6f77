"""What becomes of requests and of the sign-in of a member that is merged into another."""

from members.accounts.models import User
from members.directory.models import Member
from members.people.models import JoinRequest, SignInProvider


def move_requests(member: Member, into: Member, _by: User) -> None:
    """Let those who ask to join `member` ask `into`, and those who sign in by way of the one belong to the other."""
    asking = JoinRequest.objects.filter(member=into, answered_at=None).values("user")
    waiting = JoinRequest.objects.filter(member=member, answered_at=None)
    waiting.filter(user__in=asking).delete()
    waiting.update(member=into)
    SignInProvider.objects.filter(member=member).update(member=into)
