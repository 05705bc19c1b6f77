"""From a digest's ids to its words: parts that are written and encoded once, and joined for each reader.

What a part shows is its key in the cache, so a part can never be stale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kit.countries import country_name, language_name
from config.outbox.fragments import Part, encode, place, render_frame, render_part
from config.outbox.kinds import Rendered
from config.outbox.mime import QuotedPrintable
from config.outbox.models import Message
from config.outbox.rendering import absolute_url
from config.vocabulary.models import Pathway, Topic
from exchange.digests.models import Subscription
from exchange.digests.waiting import Waiting
from members.directory.rules import Roles
from practices.editorial.models import Revision
from practices.library.models import Publication

LEAVE = Signer(salt="exchange.digests.leave")
MOST_WAITING = 5
PARTS = 4_096  # kept at once: a month of new publications in three languages, about 16 MB


@dataclass(frozen=True)
class Task:
    """Something that waits for the reader, as it is shown."""

    title: str
    owner: str
    text: str
    link: str


@dataclass(frozen=True)
class Item:
    """A publication with the line that says why it is here, as it is shown."""

    title: str
    summary: str
    owner: str
    country: str
    language: str
    reason: str
    link: str


@dataclass(frozen=True)
class Words:
    """What topics and pathways are called, by code."""

    topics: Mapping[str, Topic]
    pathways: Mapping[str, Pathway]


@dataclass(frozen=True)
class Sources:
    """What the digests of one batch are made of, read in a few queries."""

    publications: Mapping[int, Publication]
    waiting: Waiting
    words: Words


class Body:
    """The parts of one digest, as text and as HTML."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.text: list[bytes] = []
        self.html: list[bytes] = []

    def add(self, part: Part) -> None:
        text, html = part.fill({}, {})
        self.text.append(text)
        self.html.append(html)

    def add_section(self, heading: str, parts: Sequence[Part], *, more: int, link: str) -> None:
        """Add a section with its heading and an honest count of what was left out."""
        if not parts:
            return
        self.add(_heading(heading, self.language))
        for part in parts:
            self.add(part)
        if more:
            self.add(_rest(more, link, self.language))


def leave_url(subscription: Subscription) -> str:
    """Return the address that ends the digest with one click."""
    return absolute_url(reverse("digests:unsubscribe", args=[LEAVE.sign(str(subscription.pk))]))


def compose_digest(message: Message, subscription: Subscription, roles: Roles, sources: Sources) -> Rendered | None:
    """Return the digest, or None where nothing of what was chosen may be shown any more and nothing waits.

    Call it under the reader's language.
    """
    language = message.language
    items = _items(message.payload["items"], sources)
    tasks: list[Task] = []
    more_tasks = 0
    if Subscription.Section.WAITING in subscription.sections:
        tasks, more_tasks = _tasks(subscription, roles, sources.waiting)
    if not items and not tasks:
        return None
    more = int(message.payload["more"])
    body = Body(language)
    body.add_section(
        _("Waiting for you"), [_task(one, language) for one in tasks], more=more_tasks, link=absolute_url("/")
    )
    body.add_section(
        _("New practices and projects"),
        [_item(one, language) for one in items],
        more=more,
        link=absolute_url(reverse("library:publication_list")),
    )
    best = items[0].title if items else tasks[0].title
    others = len(items) + len(tasks) - 1 + more_tasks + more
    leave = leave_url(subscription)
    text, html = _fill(body, leave_url=leave, title=best, preheader=items[0].summary if items else "")
    return Rendered(
        subject=_subject(best, others),
        text=text,
        html=html,
        headers={
            "List-Unsubscribe": f"<{leave}>, <mailto:{settings.DEFAULT_FROM_EMAIL}?subject=unsubscribe>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"<digest.{settings.MAIL_DOMAIN}>",
        },
    )


def _fill(body: Body, **values: str) -> tuple[QuotedPrintable, QuotedPrintable]:
    texts: dict[str, bytes] = {"body": b"\r\n".join(body.text)}  # an empty line between two parts
    htmls: dict[str, bytes] = {"body": b"".join(body.html)}
    for name, value in values.items():
        texts[name], htmls[name] = encode(value)
    return _frame(body.language).fill(texts, htmls)


def _subject(best: str, others: int) -> str:
    if not others:
        return best
    text = ngettext("%(best)s, and %(others)s more", "%(best)s, and %(others)s more", others)
    return " ".join((text % {"best": best, "others": others}).split())


def _items(chosen: Sequence[tuple[int, int, str, str]], sources: Sources) -> list[Item]:
    return [
        Item(
            title=row.title,
            summary=row.summary,
            owner=str(row.owner),
            country=country_name(row.country),
            language=row.language,
            reason=_reason(reason, about, sources.words),
            link=absolute_url(row.get_absolute_url()),
        )
        for pk, _version, reason, about in chosen
        if (row := sources.publications.get(pk))
    ]


def _reason(code: str, about: str, words: Words) -> str:
    """Say why an item is here, to its reader."""
    if code in {"topic", "own_topic"} and about in words.topics:
        text = _("You follow the topic %(topic)s.") if code == "topic" else _("Your organisation works on %(topic)s.")
        return text % {"topic": words.topics[about]}
    if code == "pathway" and about in words.pathways:
        return _("You follow the pathway %(pathway)s.") % {"pathway": words.pathways[about]}
    if code == "country":
        return _("From your country: %(country)s.") % {"country": country_name(about)}
    if code == "language":
        return _("In a language you read: %(language)s.") % {"language": language_name(about)}
    if code == "uptake":
        count = int(about)
        return ngettext("In use in %(count)s other place.", "In use in %(count)s other places.", count) % {
            "count": count
        }
    plain = {
        "size": _("From a place of about your size."),
        "climate": _("From a climate like yours."),
        "recommended": _("Recommended by experts."),
    }
    return plain.get(code, _("New in the network."))


def _tasks(subscription: Subscription, roles: Roles, waiting: Waiting) -> tuple[list[Task], int]:
    """Return what waits for the reader, the oldest first, and how much more there is."""
    returned = waiting.returned_to(roles)
    queue = waiting.awaiting(subscription.user, roles)
    tasks = [
        _as_task(one, _("The reviewer asks for changes."), one.get_absolute_url()) for one in returned[:MOST_WAITING]
    ]
    tasks += [
        _as_task(one, _("Waits for your review."), reverse("editorial:revision_review", args=[one.pk]))
        for one in queue[:MOST_WAITING]
    ]
    return tasks, len(returned) + len(queue) - len(tasks)


def _as_task(revision: Revision, text: str, path: str) -> Task:
    return Task(revision.title, str(revision.publication.owner), text, absolute_url(path))


# What is written once ------------------------------------------------------------------------------------------------
@lru_cache(maxsize=PARTS)
def _item(item: Item, language: str) -> Part:
    return render_part("digests/parts", "item", language, {"item": item})


@lru_cache(maxsize=PARTS)
def _task(task: Task, language: str) -> Part:
    return render_part("digests/parts", "task", language, {"task": task})


@lru_cache(maxsize=PARTS)
def _rest(more: int, link: str, language: str) -> Part:
    return render_part("digests/parts", "rest", language, {"more": more, "link": link})


@lru_cache(maxsize=64)
def _heading(heading: str, language: str) -> Part:
    return render_part("digests/parts", "heading", language, {"heading": heading})


@lru_cache(maxsize=16)
def _frame(language: str) -> Part:
    names = ("title", "preheader", "body", "leave_url")
    settings_url = absolute_url(reverse("digests:subscription"))
    return render_frame(
        "digests/digest", language, {name: place(name) for name in names} | {"settings_url": settings_url}
    )
