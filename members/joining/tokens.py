"""The signed part of an application's link, by which an applicant without an account comes back to it."""

from django.core.signing import BadSignature, Signer

from members.joining.models import Application

_signer = Signer(salt="members.joining.application")
_mailed = Signer(salt="members.joining.mailed")


def application_token(application: Application) -> str:
    """Return the secret part of the link to an application."""
    return _signer.sign(str(application.pk))


def mailed_token(application: Application) -> str:
    """Return the secret part of a link that was sent to the applicant, which proves the address to whoever opens it."""
    return _mailed.sign(str(application.pk))


def find_application(token: str) -> Application | None:
    """Return the application that a link stands for; None where nobody made such a link."""
    return _find(_signer, token)


def find_by_mailed_token(token: str) -> Application | None:
    """Return the application that a link in a mail stands for."""
    return _find(_mailed, token)


def _find(signer: Signer, token: str) -> Application | None:
    try:
        pk = int(signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Application.objects.select_related("office", "member").filter(pk=pk).first()
