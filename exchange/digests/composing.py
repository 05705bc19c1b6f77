"""From a digest's ids to its words: parts that are written and encoded once, and joined for each reader.

What a part shows is its key in the cache, so a part can never be stale.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kit.countries import country_name, language_name
from config.outbox.encoding import QuotedPrintable
from config.outbox.fragments import Encoded, Part, encode, place, render_frame, render_part
from config.outbox.kinds import Rendered
from config.outbox.models import Message
from config.outbox.rendering import absolute_url
from config.vocabulary.models import Pathway, Topic
from exchange.digests.fits import Pair, say_why
from exchange.digests.models import Subscription
from exchange.digests.muting import less_token
from exchange.digests.requests import Requests
from exchange.digests.talk import MOST_PERSONAL, MOST_TALK, Talk
from exchange.digests.waiting import Waiting
from exchange.peers.models import Match
from members.directory.rules import Roles
from practices.editorial.models import Revision
from practices.library.models import Publication
from practices.uptake.models import Uptake

logger = logging.getLogger(__name__)

LEAVE = Signer(salt="exchange.digests.leave")
MOST_WAITING = 5
PARTS = 4_096  # kept at once: as many publications as a window holds in three languages, about 16 MB


@dataclass(frozen=True)
class Task:
    """Something that waits for the reader or that others did with the reader's work, as it is shown."""

    title: str
    owner: str
    text: str
    link: str


@dataclass(frozen=True)
class Words:
    """What topics and pathways are called, by code; two are equal that say the same."""

    topics: Mapping[str, Topic] = field(compare=False)
    pathways: Mapping[str, Pathway] = field(compare=False)
    labels: str


def read_words() -> Words:
    """Return what topics and pathways are called now; two queries."""
    topics, pathways = Topic.by_code(), Pathway.by_code()
    return Words(topics, pathways, repr([term.labels for term in [*topics.values(), *pathways.values()]]))


@dataclass(frozen=True)
class Sources:
    """What the digests of one batch are made of, read in a few queries."""

    publications: Mapping[int, Publication]
    waiting: Waiting
    requests: Requests
    echoes: Mapping[int, Uptake]
    talk: Talk
    fits: Mapping[Pair, Match]
    words: Words


@dataclass(frozen=True)
class Item:
    """One publication in one reader's digest: what it shows to everybody, and what to this reader."""

    title: str
    summary: str
    part: Part
    values: dict[str, Encoded]


class Body:
    """The parts of one digest, as text and as HTML."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.text: list[bytes] = []
        self.html: list[bytes] = []

    def add(self, part: Part, **values: Encoded) -> None:
        """Add a part; `values` fill its places."""
        self.text.append(part.text.fill({name: text for name, (text, _) in values.items()}))
        self.html.append(part.html.fill({name: html for name, (_, html) in values.items()}))

    def add_heading(self, heading: str) -> None:
        self.add(_heading(heading, self.language))

    def add_tasks(self, heading: str, tasks: Sequence[Task], more: int, link: str) -> None:
        """Add a section, with how much of it was left out and where that is; nothing where there are no tasks."""
        if not tasks:
            return
        self.add_heading(heading)
        for task in tasks:
            self.add(_task(task, self.language))
        self.add_rest(more, link)

    def add_rest(self, more: int, link: str) -> None:
        """Say honestly how much was left out, if anything was."""
        if more:
            self.add(_rest(more, link, self.language))


def leave_url(subscription: Subscription) -> str:
    """Return the address that ends the digest with one click."""
    return _address("digests:unsubscribe", LEAVE.sign(str(subscription.pk)))


def compose_digest(message: Message, subscription: Subscription, roles: Roles, sources: Sources) -> Rendered | None:
    """Return the digest, or None where nothing of what was chosen may be shown any more and nothing waits.

    Call it under the reader's language.
    """
    language = message.language
    items = [one for entry in message.payload["items"] if (one := _shown(entry, subscription, sources, language))]
    tasks: list[Task] = []
    requests: list[Task] = []
    more_tasks = more_requests = 0
    if Subscription.Section.WAITING in subscription.sections:
        tasks, more_tasks = _tasks(subscription, roles, sources.waiting)
        requests, more_requests = _requests(subscription, roles, sources.requests)
    echoes, more_echoes = _echoes(message, subscription, sources.echoes)
    talk, more_talk, rest_of_talk = _talk(message, sources.talk)
    fits = _fits(message, subscription, sources)
    if not (items or tasks or echoes or talk or fits):
        return None  # requests alone do not make one: they were mailed when they were made
    tasks, more_tasks = [*requests, *tasks], more_requests + more_tasks
    more = int(message.payload["more"])
    body = Body(language)
    body.add_tasks(_("Waiting for you"), tasks, more_tasks, absolute_url("/"))
    body.add_tasks(
        _("What people wrote to you and in your groups"),
        talk,
        more_talk,
        rest_of_talk,
    )
    body.add_tasks(_("Asks you could answer, and offers that fit yours"), fits, 0, "")
    if items:
        body.add_heading(_("New practices and projects"))
        for item in items:
            body.add(item.part, **item.values)
        body.add_rest(more, absolute_url(_path("search:publication_list")))
    body.add_tasks(_("Uptake of your practices"), echoes, more_echoes, absolute_url(_path("uptake:my_uptake")))
    said = [(_("%(who)s: %(subject)s") % {"who": one.owner, "subject": one.title}, one.text) for one in talk]
    shown = [(one.title, one.text) for one in fits] + [(one.title, one.summary) for one in items]
    # People come first. What was left out is told where it was, and not counted here: it only frightens.
    (best, preheader), *others = [*said, *shown, *((one.title, one.text) for one in (*echoes, *tasks))]
    leave = leave_url(subscription)
    text, html = _fill(body, leave_url=leave, title=best, preheader=preheader)
    return Rendered(
        subject=_subject(best, len(others)),
        text=text,
        html=html,
        headers={
            "List-Unsubscribe": f"<{leave}>, <mailto:{settings.DEFAULT_FROM_EMAIL}?subject=unsubscribe>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"<digest.{settings.MAIL_DOMAIN}>",
        },
    )


def _fill(body: Body, **values: str) -> tuple[QuotedPrintable, QuotedPrintable]:
    # An empty line between two parts; the frame brings its own after the last.
    texts: dict[str, bytes] = {"body": b"\r\n".join(body.text).removesuffix(b"\r\n")}
    htmls: dict[str, bytes] = {"body": b"".join(body.html)}
    for name, value in values.items():
        texts[name], htmls[name] = encode(value)
    frame = _frame(body.language)
    return frame.text.fill(texts), frame.html.fill(htmls)


def _subject(best: str, others: int) -> str:
    if not others:
        return best
    text = ngettext("%(best)s, and %(others)s more", "%(best)s, and %(others)s more", others)
    return " ".join((text % {"best": best, "others": others}).split())


def _shown(entry: Any, subscription: Subscription, sources: Sources, language: str) -> Item | None:
    """Return an entry of the payload as it is shown; None where it may not be any more, or nobody can read it."""
    try:
        pk, _version, reason, about = entry
        if not (row := sources.publications.get(pk)):
            return None
        facts = (row.pk, row.title, row.summary, str(row.owner), row.country, row.language)
        values = {
            "reason": _encoded_reason(reason, about, sources.words, language),
            "less": encode(_address("digests:less", less_token(subscription.pk, row.pk))),
        }
        return Item(row.title, row.summary, _item(facts, language), values)
    except (TypeError, ValueError):
        logger.exception("Item %r of a digest of subscription %s is left out", entry, subscription.pk)
        return None


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


def _requests(subscription: Subscription, roles: Roles, requests: Requests) -> tuple[list[Task], int]:
    """Return what others wait for an answer to, the oldest first, and how much more there is."""
    found = requests.made_to(subscription.user, roles)
    shown = [Task(one.title, one.by, one.text, absolute_url(one.path)) for one in found[:MOST_WAITING]]
    return shown, len(found) - len(shown)


def _echoes(message: Message, subscription: Subscription, uptakes: Mapping[int, Uptake]) -> tuple[list[Task], int]:
    """Return what others did with the reader's work, and how much more there is."""
    if Subscription.Section.UPTAKE not in subscription.sections:
        return [], 0
    words = {
        Uptake.State.CONSIDERING: _("They are considering it."),
        Uptake.State.ADAPTING: _("They are adapting it."),
        Uptake.State.IN_USE: _("They have it in use."),
        Uptake.State.DROPPED: _("They have stopped, and say why."),
    }
    found = [uptakes[pk] for pk in message.payload.get("echoes", ()) if pk in uptakes]
    shown = [
        Task(
            one.publication.title,
            str(one.member),
            words[Uptake.State(one.state)],
            absolute_url(reverse("uptake:publication_uptake", args=[one.publication_id])),
        )
        for one in found
    ]
    return shown, int(message.payload.get("more_echoes", 0)) if shown else 0


def _talk(message: Message, talk: Talk) -> tuple[list[Task], int, str]:
    """Return what people wrote to the reader, how much more there is, and the page that has the rest."""
    said = talk.told_to(message.user_id or 0, message.payload.get("talk", ()))
    personal = sum(one.is_personal for one in said)  # they come first
    most = min(personal, MOST_PERSONAL) + MOST_TALK
    shown = [Task(one.title, one.by, one.reason, absolute_url(one.path)) for one in said[:most]]
    rest = said[most:]
    return shown, len(rest), absolute_url(rest[0].place) if rest else ""


def _fits(message: Message, subscription: Subscription, sources: Sources) -> list[Task]:
    """Return the asks and offers that fit the reader's members and are still open."""
    if Subscription.Section.PEERS not in subscription.sections:
        return []
    terms = {"topic": sources.words.topics, "pathway": sources.words.pathways}
    told = (sources.fits.get((member, own, to)) for member, own, to in message.payload.get("fits", ()))
    return [
        Task(one.to_notice.title, one.to_notice.member.name, say_why(one, terms), absolute_url(one.to_notice.get_absolute_url()))
        for one in told if one and one.to_notice
    ]  # fmt: skip


def _as_task(revision: Revision, text: str, path: str) -> Task:
    return Task(revision.title, str(revision.publication.owner), text, absolute_url(path))


def _address(name: str, token: str) -> str:
    """Return the address of a page that a token opens."""
    return absolute_url(_path(name, "TOKEN").replace("TOKEN", token))


@lru_cache(maxsize=16)
def _path(name: str, *args: str) -> str:
    return reverse(name, args=args)


# What is written once ------------------------------------------------------------------------------------------------
@lru_cache(maxsize=PARTS)
def _item(shown: tuple[int, str, str, str, str, str], language: str) -> Part:
    """Write one publication, with a place for why it is here; `shown` is everything else that it shows."""
    pk, title, summary, owner, country, written_in = shown
    item = {
        "title": title,
        "summary": summary,
        "owner": owner,
        "country": country_name(country),
        "language": written_in,
        "reason": place("reason"),
        "link": absolute_url(reverse("library:publication_detail", args=[pk])),
        "less": place("less"),
    }
    return render_part("digests/parts", "item", language, {"item": item})


@lru_cache(maxsize=PARTS)
def _encoded_reason(code: str, about: str, words: Words, _language: str) -> Encoded:
    return encode(_reason(code, about, words))


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
