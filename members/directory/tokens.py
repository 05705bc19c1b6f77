"""The signed part of an invitation's link."""

from django.core.signing import BadSignature, Signer

from members.directory.models import Invitation

_signer = Signer(salt="members.directory.invitation")


def invitation_token(invitation: Invitation) -> str:
    """Return the secret part of the invitation's link."""
    return _signer.sign(str(invitation.pk))


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation that `token` was made for; None where nobody made such a token."""
    try:
        pk = int(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Invitation.objects.select_related("member", "invited_by").filter(pk=pk).first()
