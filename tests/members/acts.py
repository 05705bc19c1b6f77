"""What tests of the directory do again and again."""

from members.directory.services import invite_colleague

INVITATION = {"email": "new@city.example", "role": "contributor", "language": "fi"}


def invite(cast, by="alice", **changes):
    return invite_colleague(member=cast.lahti, by=getattr(cast, by), **INVITATION | changes)
