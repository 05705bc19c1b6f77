"""What a reader does not want in their digest: one publication, all of one member, a topic.

The link "Less of this" stands at each item of a digest. Who holds it needs no sign-in, as with leaving; a GET only shows
a page with buttons, because mail scanners open links.
"""

from dataclasses import dataclass
from typing import Any

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import gettext as _

from config.outbox.rendering import absolute_url
from exchange.digests.models import Mute, Subscription
from members.directory.rules import is_in_network
from practices.library.models import Publication

LESS = Signer(salt="exchange.digests.less")


@dataclass(frozen=True)
class Choice:
    """One thing that can be left out of the next digests; `code` names it in a form."""

    code: str
    label: str
    is_muted: bool


def less_token(subscription: int, publication: int) -> str:
    """Sign which reader wants less of which publication; the link never expires."""
    return LESS.sign(f"{subscription}.{publication}")


def less_url(subscription: int, publication: int) -> str:
    """Return the address of the page on which a reader says what they want less of."""
    return absolute_url(reverse("digests:less", args=[less_token(subscription, publication)]))


def find_by_less_token(token: str) -> tuple[Subscription, Publication] | None:
    """Return whom and what a link was signed for; None where nobody signed it, or they may not read it any more."""
    try:
        reader, publication = map(int, LESS.unsign(token).split("."))
    except (BadSignature, ValueError):
        return None
    subscription = Subscription.objects.select_related("user").filter(pk=reader).first()
    if subscription is None or not is_in_network(subscription.user):
        return None
    found = Publication.objects.published().with_cards().filter(pk=publication).first()
    return (subscription, found) if found else None


def choices_of(subscription: Subscription, publication: Publication) -> list[Choice]:
    """Return what of `publication` the reader can mute, the narrowest first."""
    muted = {_code(mute) for mute in subscription.mutes.all()}
    found = [(f"publication:{publication.pk}", _("This one"))]
    if publication.owner_member:
        found.append((f"member:{publication.owner_member.pk}", str(publication.owner_member)))
    found += [(f"topic:{topic.code}", str(topic)) for topic in publication.topics.all()]
    return [Choice(code, label, code in muted) for code, label in found]


def mute(*, subscription: Subscription, publication: Publication, code: str) -> None:
    """Leave something out of the reader's digests from now on; a second time changes nothing.

    Raises:
        ValueError: `code` is none of `choices_of`.
    """
    Mute.objects.get_or_create(subscription=subscription, **_fields(subscription, publication, code))


def unmute(*, subscription: Subscription, publication: Publication, code: str) -> None:
    """Take it in again; a second time changes nothing.

    Raises:
        ValueError: `code` is none of `choices_of`.
    """
    Mute.objects.filter(subscription=subscription, **_fields(subscription, publication, code)).delete()


def _fields(subscription: Subscription, publication: Publication, code: str) -> dict[str, Any]:
    if code not in {one.code for one in choices_of(subscription, publication)}:
        raise ValueError(f"{code} is nothing of {publication}")
    kind, _sign, which = code.partition(":")
    if kind == "topic":
        return {"topic": publication.topics.get(code=which)}
    return {f"{kind}_id": int(which)}


def _code(mute: Mute) -> str:
    if mute.publication_id:
        return f"publication:{mute.publication_id}"
    return f"member:{mute.member_id}" if mute.member_id else f"topic:{mute.topic.code if mute.topic else ''}"
