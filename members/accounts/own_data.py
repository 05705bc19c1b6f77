"""What this room knows of a person."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession

from config.journal.models import Entry
from members.accounts.models import PersonalDataEvent, SignIn, User
from members.accounts.personal_data import register_personal_data

PROFILE = (
    "email", "name", "job_title", "languages_read", "languages_spoken", "ask_me_about", "address_visibility",
    "time_zone", "language", "joined_at", "last_login",
)  # fmt: skip


def register() -> None:
    """Register all of it; called from the AppConfig's ready()."""
    for name, read in (
        ("profile", _profile),
        ("addresses", _addresses),
        ("sign_ins", _sign_ins),
        ("sessions", _sessions),
        ("second_factors", _second_factors),
        ("organisation_sign_ins", _organisations),
        ("journal", _journal),
        ("who_saw_it", _events),
    ):
        register_personal_data(name, read)


def _profile(user: User) -> Iterable[dict[str, Any]]:
    yield {name: getattr(user, name) for name in PROFILE} | {
        "expertise": list(user.expertise.values_list("code", flat=True))
    }


def _addresses(user: User) -> Iterable[dict[str, Any]]:
    yield from EmailAddress.objects.filter(user=user).order_by("pk").values("email", "verified", "primary")


def _sign_ins(user: User) -> Iterable[dict[str, Any]]:
    columns = ("at", "ip", "user_agent", "method", "second_factor", "succeeded")
    yield from SignIn.objects.filter(user=user).order_by("at", "pk").values(*columns)


def _sessions(user: User) -> Iterable[dict[str, Any]]:
    rows = UserSession.objects.filter(user=user).order_by("pk")
    yield from rows.values("created_at", "last_seen_at", "ip", "user_agent")


def _second_factors(user: User) -> Iterable[dict[str, Any]]:
    rows = Authenticator.objects.filter(user=user).order_by("pk")
    yield from rows.values("type", "created_at", "last_used_at")  # the secrets stay here


def _organisations(user: User) -> Iterable[dict[str, Any]]:
    rows = SocialAccount.objects.filter(user=user).order_by("pk")
    yield from rows.values("provider", "uid", "last_login", "date_joined", "extra_data")


def _journal(user: User) -> Iterable[dict[str, Any]]:
    rows = Entry.objects.filter(by=user).select_related("content_type").order_by("at", "pk")
    for entry in rows.iterator(chunk_size=500):
        yield {"at": entry.at, "verb": entry.verb, "object": entry.content_type.model, "id": entry.object_id}


def _events(user: User) -> Iterable[dict[str, Any]]:
    for event in PersonalDataEvent.objects.filter(whose=user).select_related("who").order_by("at", "pk"):
        yield {"at": event.at, "who": str(event.who), "what": event.what, "details": event.details}
