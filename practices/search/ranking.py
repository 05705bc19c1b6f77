"""Finding publications: by words and by meaning, each by its index, joined by rank.

The two lists are joined by reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a publication gets
weight / (K + its place) from each list that it is in. What the network knows of a publication then moves it a little,
see `boosts.py`.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from pgvector import HalfVector
from redis.exceptions import RedisError

from practices.search.concepts import draw_to_concepts
from practices.search.embedding import EmbeddingError, get_embedder
from practices.search.questions import Question, Unit
from practices.search.space import Vector, place_question
from practices.search.words import CONFIGS, fold, guess_languages, parts_of

MOST_BY_WORDS = 500  # publications; of more, those with the words in their title are taken first
MOST_BY_MEANING = 200
TIMEOUT_MS = 1_000  # of one search in the database
K = 10  # how fast the places of a list lose weight
BY_WORDS, BY_MEANING = 1.0, 1.0
LEAST_ALIKE = 0.05  # cosine below which a text is hardly about the same thing: 2 of 100 that are, are below
SHARE_OF_BEST = 0.5  # of how much alike the best is; what is less does not answer the same question
BEST_PASSAGE = 0.5  # what the best passage counts beside the whole text
# Weights of D, C, B, A: labels, texts, summary and owner, title.
WEIGHTS = "{0.05, 0.2, 0.5, 1.0}"
ENOUGH = 5  # hits with every word, below which those with some of the words are looked at too
SHORTEST_CORRECTED, LONGEST_CORRECTED, MOST_CORRECTIONS = 4, 30, 3
KEPT_FOR = 86_400  # seconds that the place of a question is remembered
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="search")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class SlowSearchError(Exception):
    """The database needed longer than `TIMEOUT_MS`."""


@dataclass(frozen=True)
class Found:
    """What was found. Keys are publications.

    Attributes:
        scores: of every publication that was found, before boosts.
        by_words: the documents that hold words of the question, with the share of the words that they hold.
        by_meaning: the documents that are about the same, with how much alike (cosine).
        place: where the question stands; None where it could not be embedded.
        corrections: words that nothing holds, and those that were looked for instead.
        meaning_failed: it was looked for by words alone.
        many: there are more by words than were ranked.
    """

    scores: Mapping[int, float]
    by_words: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    by_meaning: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    place: Vector | None = None
    corrections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    meaning_failed: bool = False
    many: bool = False


def find(question: Question, *, words: bool = True, meaning: bool = True, reads: Collection[str] = ()) -> Found:
    """Find publications, best first in `scores`.

    Args:
        question: something that asks for anything.
        words: whether to look for words.
        meaning: whether to look for meaning.
        reads: languages that the reader reads; their word forms are tried too.

    Raises:
        SlowSearchError: it took the database too long.
    """
    # The model works while the database looks for words.
    placing = _pool.submit(place_of, question) if meaning else None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            tsquery = _Tsquery(cursor, question, reads)
            by_words, many = tsquery.search() if words else ({}, False)
            place, failed = placing.result() if placing else (None, False)
            by_meaning = _search_meaning(cursor, place, tsquery.unwanted) if place is not None else {}
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        raise SlowSearchError from error
    scores: dict[int, float] = {}
    for at, (pk, (_document, share)) in enumerate(by_words.items(), start=1):
        scores[pk] = BY_WORDS * share**2 / (K + at)
    for at, pk in enumerate(by_meaning, start=1):
        scores[pk] = scores.get(pk, 0.0) + BY_MEANING / (K + at)
    ordered = dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
    return Found(ordered, by_words, by_meaning, place, tsquery.corrections, failed, many)


def place_of(question: Question) -> tuple[Vector | None, bool]:
    """Return where a question stands, and whether that failed. A phrase alone is meant as it is written: None."""
    if all(unit.exact for unit in question.wanted):
        return None, False
    try:
        embedder = get_embedder()
        key = hashlib.sha256(f"{embedder.name}\0{question.about}".encode()).hexdigest()
        return remember(
            f"search:place:{key}",
            lambda: draw_to_concepts(place_question(embedder, question.about), question.about, embedder),
        ), False
    except EmbeddingError:
        return None, True


def remember(key: str, work_out: Callable[[], Vector]) -> Vector:
    """Return a vector that is kept for a day; worked out anew where nothing is kept, or nothing can be."""
    try:
        kept = cache.get(key)
    except RedisError:
        return work_out()
    if kept is not None:
        return np.frombuffer(kept, np.float32)
    place = work_out()
    with suppress(RedisError):
        cache.set(key, place.tobytes(), KEPT_FOR)
    return place


def _search_meaning(cursor: CursorWrapper, place: Vector, without: str) -> dict[int, tuple[int, float]]:
    at = HalfVector(place).to_text()
    kept, unwanted = _without(without)
    cursor.execute(
        "WITH near AS MATERIALIZED (SELECT id, publication_id, words, -(meaning <#> %s) AS alike FROM search_document"
        " WHERE meaning IS NOT NULL ORDER BY meaning <#> %s LIMIT %s)"
        " SELECT near.id, near.publication_id, near.alike FROM near, LATERAL"
        " (SELECT max(-(meaning <#> %s)) AS alike FROM search_passage WHERE document_id = near.id) AS best"
        f" WHERE near.alike >= %s AND {kept} ORDER BY near.alike + %s * best.alike DESC, near.id",
        [at, at, MOST_BY_MEANING, at, LEAST_ALIKE, *unwanted, BEST_PASSAGE],
    )
    rows = cursor.fetchall()
    least = SHARE_OF_BEST * max((alike for _, _, alike in rows), default=0)
    found: dict[int, tuple[int, float]] = {}
    for document, publication, alike in rows:
        if alike >= least:
            found.setdefault(publication, (document, alike))
    return found


def _without(unwanted: str) -> tuple[str, list[str]]:
    """Return the condition that keeps texts without words; one that asks nothing would read each text for nothing."""
    return ("NOT words @@ %s::tsquery", [unwanted]) if unwanted else ("true", [])


class _Tsquery:
    """The words of a question as PostgreSQL searches them."""

    def __init__(self, cursor: CursorWrapper, question: Question, reads: Collection[str]) -> None:
        self.cursor = cursor
        # A word that no language knows may still be a form of one: hulevesi, hulevedet.
        guessed = guess_languages(question.about) or list(CONFIGS)
        self.languages = list(dict.fromkeys([*guessed, *reads]))
        self.question, self.forms = question, self._read(question.units)
        self.corrections: dict[str, list[str]] = {}
        self.unwanted = _join(" | ", [self.forms[unit] for unit in question.unwanted])

    @property
    def wanted(self) -> list[str]:
        """The tsquery of each unit that asks for anything, with what is looked for instead of it."""
        return [
            _join(" | ", [self.forms[unit], *(f"'{near}'" for near in self.corrections.get(unit.text, ()))])
            for unit in self.question.wanted
            if self.forms[unit]
        ]

    def search(self) -> tuple[dict[int, tuple[int, float]], bool]:
        """Return the document of each publication that holds words, the best first, and whether there are more."""
        wanted = self.wanted
        if not wanted:
            return {}, False
        found, many = self._ranked(_join(" & ", wanted))
        if not found and self._correct():
            wanted = self.wanted
            found, many = self._ranked(_join(" & ", wanted))
        if len(found) < ENOUGH and len(wanted) > 2:
            # Half of the words, at least two of them.
            some = max(2, (len(wanted) + 1) // 2)
            pairs = list(combinations(wanted, 2))
            more, many = self._ranked(_join(" | ", [_join(" & ", pair) for pair in pairs]), least=some)
            found |= {pk: document for pk, document in more.items() if pk not in found}
        return found, many

    def _ranked(self, tsquery: str, *, least: int = 0) -> tuple[dict[int, tuple[int, float]], bool]:
        # Asking each text for each word takes longer than all the rest; what holds every word needs not be asked.
        wanted = self.wanted
        counted = wanted if least else []
        held = " + ".join(["(words @@ %s::tsquery)::int"] * len(counted)) or str(len(wanted))
        kept, unwanted = _without(self.unwanted)
        matching = f"SELECT id FROM search_document WHERE {{column}} @@ %s::tsquery AND {kept} LIMIT %s"
        limits: list[str | int] = [tsquery, *unwanted, MOST_BY_WORDS]
        self.cursor.execute(
            f"WITH matching AS (({matching.format(column='title_words')}) UNION ({matching.format(column='words')}))"
            f" SELECT id, publication_id, {held} AS held, ts_rank(%s, words, %s::tsquery, 1) AS rank"
            " FROM matching JOIN search_document USING (id) ORDER BY held DESC, rank DESC, id DESC",
            [*limits, *limits, *counted, WEIGHTS, tsquery],
        )
        rows = self.cursor.fetchall()
        found: dict[int, tuple[int, float]] = {}
        for document, publication, held_by_it, _rank in rows:
            if held_by_it >= least:
                found.setdefault(publication, (document, held_by_it / len(wanted)))
        return dict(list(found.items())[:MOST_BY_WORDS]), len(rows) >= MOST_BY_WORDS

    def _read(self, units: Sequence[Unit]) -> dict[Unit, str]:
        """Return the tsquery of each unit; empty for words such as "the" beside others. Sets the limits of the search."""
        rows: list[tuple[int, str, str, bool]] = []
        for number, unit in enumerate(units):
            rows.append((number, "simple", fold(unit.text), False))
            for at, language in enumerate(self.languages if not unit.exact else ()):
                if language in CONFIGS:
                    rows.append((number, CONFIGS[language], unit.text, at == 0))
                parts = parts_of(unit.text.lower(), language)
                if len(parts) > 1:
                    rows.append((number, "simple", fold(" ".join(parts)), False))
        values: list[Any] = [
            str(TIMEOUT_MS),
            str(MOST_BY_MEANING),
            *(list(column) for column in zip(*rows, strict=True)),
        ]
        # Two statements at once: a limit that a statement sets holds from the next one.
        self.cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('hnsw.ef_search', %s, true);"
            " SELECT number, phraseto_tsquery(config::regconfig, text)::text, is_language FROM"
            " unnest(%s::int[], %s::text[], %s::text[], %s::bool[]) AS form (number, config, text, is_language)",
            values,
        )
        self.cursor.nextset()
        forms: dict[int, list[str]] = {}
        stops: set[int] = set()
        for number, tsquery, is_language in self.cursor.fetchall():
            if tsquery:
                forms.setdefault(number, []).append(tsquery)
            elif is_language:
                stops.add(number)
        if {number for number, unit in enumerate(units) if not unit.exact and not unit.unwanted} <= stops:
            stops = set()  # nothing but such words: then they are meant
        return {
            unit: "" if number in stops else _join(" | ", list(dict.fromkeys(forms.get(number, []))))
            for number, unit in enumerate(units)
        }

    def _correct(self) -> bool:
        """Look for words instead of those that no document holds, where there are any that differ by one letter."""
        near = {
            unit: _one_letter_off(word)
            for unit in self.question.wanted
            if self.forms[unit] and not unit.exact and (word := fold(unit.text)).isalpha()
            and SHORTEST_CORRECTED <= len(word) <= LONGEST_CORRECTED
        }  # fmt: skip
        units = list(near)
        if not units:
            return False
        self.cursor.execute(
            "SELECT at FROM unnest(%s::text[]) WITH ORDINALITY AS form (tsquery, at) WHERE NOT EXISTS"
            " (SELECT 1 FROM search_document WHERE words @@ form.tsquery::tsquery);"
            " SELECT text FROM search_word WHERE text = ANY(%s)",
            [[self.forms[unit] for unit in units], list(set().union(*near.values()))],
        )
        unknown = [units[at - 1] for (at,) in self.cursor.fetchall()]
        self.cursor.nextset()
        known = {text for (text,) in self.cursor.fetchall()}
        self.corrections = {
            unit.text: sorted(near[unit] & known)[:MOST_CORRECTIONS] for unit in unknown if near[unit] & known
        }
        return bool(self.corrections)


def _join(operator: str, parts: Sequence[str]) -> str:
    return operator.join(f"({part})" for part in parts if part)


def _one_letter_off(word: str) -> set[str]:
    """Return what differs from `word` by one letter too many, too few, another one, or two that changed places."""
    letters = set(_LETTERS if word.isascii() else word) | set(word)
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    return {
        *(head + tail[1:] for head, tail in cuts if tail),
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1),
        *(head + one + tail[1:] for head, tail in cuts if tail for one in letters),
        *(head + one + tail for head, tail in cuts for one in letters),
    } - {word}
