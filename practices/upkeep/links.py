"""Whether the links of what is published still lead somewhere.

Each publication has its turn once a week. Its links are asked outside any transaction; a link is reported after it
failed in two rounds, once.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from config.kit.fetching import LONGEST, PUBLIC, Policy, RefusedError, UnreachableError, probe
from config.kit.markdown import links_in
from practices.library.content import LONG_TEXTS
from practices.library.models import Publication
from practices.upkeep import emails
from practices.upkeep.models import LinkCheck, LinkRound

logger = logging.getLogger(__name__)

WEEK = timedelta(days=7)
BATCH = 40  # publications a run
BUDGET = 200.0  # seconds after which a run begins with no further publication
PATIENCE = 3  # times that a server may be silent in a run
MOST_LINKS = 50  # of one publication
HOSTS = 3  # that do not answer, and nobody does: then it is our own line
Status = LinkCheck.Status
Found = tuple[Status, str]
BLOCK_TEXTS = ("description", "what_worked", "lesson")
# Answers that say "not to a program" or "not now", of a page that people may well read.
NOT_FOR_US = frozenset({401, 402, 403, 406, 407, 408, 418, 425, 429, 451})


def links_of(publication: Publication) -> list[str]:
    """Return the addresses on the web that a publication's page links to, each once, MOST_LINKS at most."""
    child = publication.child
    texts = [str(getattr(publication, name, None) or getattr(child, name, "")) for name in LONG_TEXTS]
    for block in publication.building_blocks.all():
        texts += [getattr(block, name) for name in BLOCK_TEXTS]
    found = [
        publication.source_url,
        *(row.source_url for row in publication.indicators.all()),
        *(row.url for row in publication.commitments.all()),
        *(row.url for row in publication.links.all()),
        *(link for text in texts for link in links_in(text)),
    ]
    kept = (one for one in found if one.lower().startswith(("http://", "https://")) and len(one) <= LONGEST)
    return list(dict.fromkeys(kept))[:MOST_LINKS]


def check_links(*, policy: Policy = PUBLIC, batch: int = BATCH, budget: float = BUDGET) -> int:
    """Look at the links of the publications whose turn it is. Safe to run twice, or twice at once.

    Returns:
        How many publications were looked at.
    """
    deadline = time.monotonic() + budget
    found: dict[str, Found] = {}
    seen: list[tuple[Publication, list[str]]] = []
    for publication in _take_turns(batch):
        if time.monotonic() >= deadline:
            _give_back([publication], after=timedelta(0))
            continue
        urls = links_of(publication)
        _ask(urls, found, policy)
        seen.append((publication, urls))
    if _is_our_line(found):
        logger.warning("No link answers: the line of this server seems to be down. Nothing is recorded.")
        _give_back([publication for publication, _urls in seen], after=timedelta(hours=1))
        return 0
    for publication, urls in seen:
        _record(publication, {url: found[url] for url in urls})
    return len(seen)


def _take_turns(batch: int) -> list[Publication]:
    """Return the publications whose turn it is, the longest waiting first; nobody else gets them for a week."""
    now = timezone.now()
    with transaction.atomic():
        due = (
            Publication.objects.published()
            .filter(Q(link_round=None) | Q(link_round__checked_at__lte=now - WEEK))
            .order_by(F("link_round__checked_at").asc(nulls_first=True), "pk")
        )
        locked = list(due.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:batch])
        # Asked again: a round that another worker committed before we had the lock does not change the locked row.
        rows = list(
            due.filter(pk__in=locked)
            .select_related("practice", "project", "owner_member__office", "owner_office__parent", "responsible")
            .prefetch_related("building_blocks", "indicators", "commitments", "links")
        )
        rounds = [LinkRound(publication=one, checked_at=now) for one in rows]
        LinkRound.objects.bulk_create(
            rounds, update_conflicts=True, unique_fields=["publication"], update_fields=["checked_at"]
        )
    return rows


def _give_back(publications: list[Publication], *, after: timedelta) -> None:
    """Let publications have their turn again before the week is over."""
    LinkRound.objects.filter(publication__in=publications).update(checked_at=timezone.now() - WEEK + after)


def _ask(urls: Iterable[str], found: dict[str, Found], policy: Policy) -> None:
    """Ask each address that was not asked in this run; a server that was silent PATIENCE times is not waited for."""
    for url in urls:
        if url in found:
            continue
        host = urlsplit(url).netloc
        silent = [
            one for one, (status, _) in found.items() if status == Status.UNREACHABLE and urlsplit(one).netloc == host
        ]
        if len(silent) >= PATIENCE:
            found[url] = found[silent[0]]
        else:
            found[url] = _look(url, policy)


def _look(url: str, policy: Policy) -> Found:
    try:
        answer = probe(url, policy=policy)
    except RefusedError as error:
        return Status.UNCHECKED, str(error)
    except UnreachableError as error:
        return Status.UNREACHABLE, str(error)[:200]
    if answer.status >= 500:
        return Status.UNREACHABLE, str(answer.status)
    gone = answer.status >= 400 and answer.status not in NOT_FOR_US
    return (Status.BROKEN if gone else Status.OK), str(answer.status)


def _is_our_line(found: Mapping[str, Found]) -> bool:
    asked = {url: status for url, (status, _) in found.items() if status != Status.UNCHECKED}
    hosts = {urlsplit(url).netloc for url in asked}
    return len(hosts) >= HOSTS and set(asked.values()) == {Status.UNREACHABLE}


@transaction.atomic
def _record(publication: Publication, found: Mapping[str, Found]) -> None:
    """Write what was found, and report what has failed twice and was not reported yet."""
    # One round after the other; and an edit meanwhile only means that the next round knows better.
    Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    now = timezone.now()
    rows = {row.url: row for row in LinkCheck.objects.filter(publication=publication)}
    LinkCheck.objects.filter(pk__in=[row.pk for url, row in rows.items() if url not in found]).delete()
    for url, (status, detail) in found.items():
        row = rows.get(url) or LinkCheck(publication=publication, url=url)
        row.status, row.detail, row.checked_at = status, detail, now
        if status in LinkCheck.FAILED:
            row.failures += 1
            row.first_broken_at = row.first_broken_at or now
        else:
            row.failures, row.first_broken_at, row.reported_at = 0, None, None
        row.save()
    fresh = LinkCheck.objects.filter(publication=publication, reported_at=None).broken()
    if keys := list(fresh.order_by("pk").values_list("pk", flat=True)):
        LinkCheck.objects.filter(pk__in=keys).update(reported_at=now)
        emails.queue_broken_links(publication, keys)
