"""What the directory and this room know of a person."""

from collections.abc import Iterable
from typing import Any

from members.accounts.models import User
from members.accounts.personal_data import register_personal_data


def register() -> None:
    """Register all of it; called from the AppConfig's ready()."""
    for name, read in (
        ("roles", _roles),
        ("contacts", _contacts),
        ("invitations", _invitations),
        ("requests_to_join", _requests),
    ):
        register_personal_data(name, read)


def _roles(user: User) -> Iterable[dict[str, Any]]:
    for role in user.member_roles.select_related("member").order_by("pk"):
        yield {"member": role.member.name, "role": role.role, "since": role.since}
    for at_office in user.office_roles.select_related("office").order_by("pk"):
        yield {"office": at_office.office.name, "role": at_office.role}


def _contacts(user: User) -> Iterable[dict[str, Any]]:
    for contact in user.contact_for.select_related("member").order_by("pk"):
        yield {"member": contact.member.name, "function": contact.function, "title": contact.title}


def _invitations(user: User) -> Iterable[dict[str, Any]]:
    """Yield those that they have sent; the addresses are other people's."""
    for one in user.invitations_sent.select_related("member").order_by("pk"):
        yield {"member": one.member.name, "role": one.role, "created_at": one.created_at}


def _requests(user: User) -> Iterable[dict[str, Any]]:
    for one in user.join_requests.select_related("member").order_by("pk"):
        yield {
            "member": one.member.name, "created_at": one.created_at, "answered_at": one.answered_at,
            "approved": one.approved, "reason": one.reason,
        }  # fmt: skip
