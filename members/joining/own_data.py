"""The applications that a person has filled in."""

from collections.abc import Iterable
from typing import Any

from members.accounts.models import User
from members.joining.models import Application

ERASED = "erased@network.invalid"


def read(user: User) -> Iterable[dict[str, Any]]:
    """Yield the applications that were begun with the person's address, and confirmed by it."""
    mine = Application.objects.filter(applicant_email__iexact=user.email, is_confirmed=True)
    yield from mine.order_by("pk").values(
        "name", "country", "state", "applicant_name", "applicant_title", "applicant_email", "content", "created_at"
    )


def erase(user: User) -> None:
    """Forget who applied: what nobody submitted is deleted, the rest is the municipality's."""
    mine = Application.objects.filter(applicant_email__iexact=user.email, is_confirmed=True)
    mine.filter(submitted_at=None).delete()
    mine.update(applicant_name="–", applicant_title="", applicant_email=ERASED)
