"""Why a publication was found: the passage that matches, the words in it, and what it is about."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import FloatField, Value
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from pgvector import HalfVector

from practices.library.models import Publication
from practices.search.concepts import nearest_concepts
from practices.search.models import Document
from practices.search.questions import Question
from practices.search.ranking import Found
from practices.search.words import fold
from practices.translations.models import Translation
from practices.translations.texts import source_texts

LONGEST = 260  # characters that are shown
SHORTEST_STEM = 4
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^.!?。؟।\n]+[.!?。؟।]*\s*")


@dataclass(frozen=True)
class Match:
    """What a result shows of a text.

    Attributes:
        language: of the text.
        html: the passage, with what was asked for in <mark>.
        about: what both the question and the text are about, where the reader does not read the language.
        title: the title in this language; empty where the text is the original.
    """

    language: str
    html: SafeString
    about: Sequence[str] = ()
    title: str = ""


def match_passages(
    publications: Sequence[Publication], question: Question, found: Found, *, reads: Collection[str]
) -> dict[int, Match]:
    """Return for each publication why it was found; two queries at most for any number."""
    wanted = [(found.by_words.get(one.pk) or found.by_meaning[one.pk])[0] for one in publications]
    known = {one.publication_id: one for one in _with_best_passage(wanted, found)}
    translated = [one.publication_id for one in known.values() if not one.is_original]
    rows = Translation.objects.filter(publication__in=translated) if translated else ()
    translations = {(one.publication_id, one.language): one.texts for one in rows}
    stems = _stems(question)
    matches = {}
    for publication in publications:
        document = known.get(publication.pk)
        if document is None:
            continue
        texts = (
            source_texts(publication)
            if document.is_original
            else translations.get((publication.pk, document.language), {})
        )
        passage = _passage_with(texts, stems) if publication.pk in found.by_words else ""
        if not passage and document.field:
            passage = _shorten(texts.get(document.field, "")[document.start : document.end])
        foreign = document.language not in reads and document.place is not None
        matches[publication.pk] = Match(
            language=document.language,
            html=_mark(passage or publication.summary, stems),
            about=nearest_concepts(found.place, np.array(document.place, np.float32)) if foreign else (),
            title="" if document.is_original else texts.get("title", ""),
        )
    return matches


def _with_best_passage(documents: Sequence[int], found: Found) -> Iterable[Any]:
    """Return documents with `field`, `start` and `end` of the passage nearest to the question, where there is one.

    `place` is where a document stands, as a list of numbers; None where that is not known, or nothing is compared.
    """
    if found.place is None:
        shown = Document.objects.filter(pk__in=documents).defer("words", "title_words", "meaning")
        return shown.annotate(field=Value(""), place=Value(None, FloatField()))
    return Document.objects.raw(
        "SELECT document.id, publication_id, language, is_original, document.meaning::real[] AS place,"
        ' field, start, "end"'
        ' FROM search_document AS document LEFT JOIN LATERAL (SELECT field, start, "end" FROM search_passage'
        " WHERE document_id = document.id AND field <> 'title' ORDER BY meaning <#> %s LIMIT 1) AS best ON true"
        " WHERE document.id = ANY(%s)",
        [HalfVector(found.place).to_text(), list(documents)],
    )


def _stems(question: Question) -> list[str]:
    """Return the beginnings of the words that are looked for, so that their other forms are marked too."""
    words = [word for unit in question.wanted for word in _WORD.findall(fold(unit.text))]
    return [word if len(word) <= SHORTEST_STEM else word[: max(SHORTEST_STEM, len(word) - 3)] for word in words
            if len(word) > 2 or len(words) == 1]  # fmt: skip


def _is_asked(word: str, stems: Sequence[str]) -> bool:
    folded = fold(word).strip()
    return any(folded.startswith(stem) if len(stem) >= SHORTEST_STEM else folded == stem for stem in stems)


def _passage_with(texts: Mapping[str, str], stems: Sequence[str]) -> str:
    """Return the sentence that holds most of the words, with what follows; empty where none holds any."""
    begins = [re.compile(rf"\b{re.escape(stem)}") for stem in stems]
    best = (0, "")
    for name, text in texts.items():
        if name == "title":
            continue
        for match in _SENTENCE.finditer(text):
            folded = fold(match[0])
            held = sum(bool(begin.search(folded)) for begin in begins)
            if held > best[0]:
                best = (held, text[match.start() :])
    return _shorten(best[1])


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rsplit(" ", 1)[0].rstrip(",;:–- ") + " …"


def _mark(text: str, stems: Sequence[str]) -> SafeString:
    """Return `text` as HTML, with the words that were asked for in <mark>."""
    parts: list[tuple[str, str, str]] = []
    at = 0
    for match in _WORD.finditer(text):
        if _is_asked(match[0], stems):
            parts.append((text[at : match.start()], match[0], ""))
            at = match.end()
    marked = format_html_join("", "{}<mark>{}</mark>{}", parts)
    return marked + format_html_join("", "{}", [(text[at:],)])
