"""Atom feeds (RFC 4287) a pathway and topic: for everybody what is public, and for a reader all that they may read.

A feed program does not sign in, so a reader's own feed has a secret address: the number of the person, and a
signature of their password hash. A new password makes old addresses worthless.
"""

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from config.outbox.rendering import absolute_url
from config.vocabulary.models import Pathway, Topic
from members.accounts.models import User
from members.directory.rules import roles_of
from practices.library.models import Publication
from practices.library.querysets import PublicationQuerySet

TERMS: dict[str, type[Pathway | Topic]] = {"pathways": Pathway, "topics": Topic}
MOST_ENTRIES = 50
SALT = "practices.sharing.feeds"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 has no way to write these


def feed_token(user: User) -> str:
    """Return the secret part of the address of a reader's own feeds."""
    return f"{user.pk}-{salted_hmac(SALT, f'{user.pk}:{user.password}', algorithm='sha256').hexdigest()}"


def find_reader(token: str) -> User | None:
    """Return whose token it is; None where it is nobody's, or of somebody who has left the network."""
    pk = token.partition("-")[0]
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    user: User | None = User.objects.filter(pk=int(pk), is_active=True).first()
    if user is None or not constant_time_compare(token, feed_token(user)) or not roles_of(user).in_network:
        return None
    return user


def write_feed(
    publications: PublicationQuerySet,
    *,
    title: str,
    page: str,
    address: str,
    link: Callable[[Publication], str],
) -> tuple[str, datetime | None]:
    """Return the feed of the newest of `publications`, and when it changed last.

    Args:
        title: what it is a feed of, after the name of the network.
        page: the full address of the page with the same list.
        address: the full address of the feed itself.
        link: returns the full address of a publication's page.
    """
    title = f"{settings.NETWORK_NAME}: {title}"
    feed = Atom1Feed(title=_clean(title), link=page, description="", feed_url=address, feed_guid=page, language="und")
    newest = list(publications.order_by("-published_at", "-pk").with_cards()[:MOST_ENTRIES])
    for one in newest:
        feed.add_item(
            title=_clean(one.title),
            link=link(one),
            description=escape(_clean(one.summary)),
            unique_id=entry_id(one),
            author_name=_clean(one.owner.name),
            pubdate=one.published_at,
            updateddate=one.updated_at or one.published_at,
            categories=[str(topic) for topic in one.topics.all()],
        )
    changed = max((one.updated_at or one.published_at for one in newest), default=None)
    return feed.writeString("utf-8"), changed


def of_term(publications: PublicationQuerySet, term: Pathway | Topic) -> PublicationQuerySet:
    """Return what is published of a pathway or topic."""
    return publications.published().filter(**{f"{type(term).__name__.lower()}s": term})


def entry_id(publication: Publication) -> str:
    """Return the name that stays the same whatever the title and the address become (RFC 4151)."""
    host = urlsplit(settings.BASE_URL).hostname
    return f"tag:{host},{publication.published_at:%Y-%m-%d}:publication/{publication.pk}"


def term_page(term: Pathway | Topic, path: str) -> str:
    """Return the full address of the list at `path`, narrowed down to a term."""
    return f"{absolute_url(path)}?{type(term).__name__.lower()}={term.code}"


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)
