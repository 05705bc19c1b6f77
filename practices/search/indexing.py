"""From publications to documents: words at once, meaning in the background."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from pgvector import HalfVector

from config.kit.countries import babel_locale
from practices.library.models import Publication
from practices.search.embedding import NO_EMBEDDER, Embedder, Vectors, get_embedder
from practices.search.models import Document, Passage, Word
from practices.search.space import place_of_text, place_passages
from practices.search.words import CONFIGS, fold, split_compounds
from practices.translations.models import Translation
from practices.translations.texts import source_texts

LONGEST_WORDS = 300_000  # characters of a document; PostgreSQL holds a megabyte of lexemes
LONGEST_WORD = 60
LONGEST_PASSAGE = 1_200  # characters: what the model reads at once
MOST_PASSAGES = 16
BATCH = 8  # documents embedded between two saves: a second or two
_SENTENCE_END = re.compile(r"(?<=[.!?。؟।])\s+|\n+")
_FOLDED_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Piece:
    """A passage to be."""

    field: str
    start: int
    end: int
    text: str


def index_words(publications: Iterable[Publication]) -> None:
    """Make the documents of publications as they are now, in the transaction of the change.

    What is not published keeps no document. Meanings stay until `embed_documents` has made new ones.
    """
    for publication in publications:
        if publication.state != Publication.State.PUBLISHED:
            Document.objects.filter(publication=publication).delete()
            continue
        texts = {publication.language: source_texts(publication)}
        for translation in Translation.objects.approved().filter(publication=publication):
            texts.setdefault(translation.language, translation.texts)
        Document.objects.filter(publication=publication).exclude(language__in=texts).delete()
        for language, found in texts.items():
            _save_words(publication, language, found)


def _save_words(publication: Publication, language: str, texts: Mapping[str, str]) -> None:
    title, summary = texts.get("title", ""), texts.get("summary", "")
    body = "\n".join(text for name, text in texts.items() if name not in {"title", "summary"})[:LONGEST_WORDS]
    around = "\n".join([_about_owner(publication), _about_rows(publication)])
    labels = "\n".join(_labels(publication))
    apart = split_compounds(f"{title}\n{summary}\n{body}", language)
    folded = {"A": title, "B": f"{summary}\n{around}", "C": body, "D": f"{labels}\n{apart}"}
    folded = {weight: fold(text)[:LONGEST_WORDS] for weight, text in folded.items()}
    config = CONFIGS.get(language)
    stemmed = [("A", title), ("B", summary), ("C", body)] if config else []
    parts = [("simple", weight, text) for weight, text in folded.items()]
    parts += [(config or "", weight, text) for weight, text in stemmed]
    sql = " || ".join(["setweight(to_tsvector(%s::regconfig, %s), %s)"] * len(parts))
    titles = [(config, title) for config, weight, title in parts if weight == "A"]
    title_sql = " || ".join(["to_tsvector(%s::regconfig, %s)"] * len(titles))
    digest = hashlib.sha256("\0".join([language, *texts.values()]).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(  # the names of functions alone are put together
            "INSERT INTO search_document (publication_id, language, is_original, digest, meant_digest, meant_by, words, title_words)"
            f" VALUES (%s, %s, %s, %s, '', '', {sql}, {title_sql}) ON CONFLICT (publication_id, language) DO UPDATE"
            " SET is_original = excluded.is_original, digest = excluded.digest, words = excluded.words, title_words = excluded.title_words",
            [publication.pk, language, language == publication.language, digest,
             *(value for config, weight, text in parts for value in (config, text, weight)),
             *(value for pair in titles for value in pair)],
        )  # fmt: skip
    known = {word for text in folded.values() for word in _FOLDED_WORD.findall(text) if 2 < len(word) <= LONGEST_WORD}
    # Not in this transaction: whoever brings the same new word would wait until it ends.
    transaction.on_commit(partial(_save_known, sorted(known)), robust=True)


def _save_known(words: Sequence[str]) -> None:
    Word.objects.bulk_create([Word(text=word) for word in words], ignore_conflicts=True, batch_size=2_000)


def _about_owner(publication: Publication) -> str:
    """Return whose it is and where, as people write it in any language of the interface, and whom to ask."""
    owner = publication.owner
    languages = dict.fromkeys([*(code for code, _ in settings.LANGUAGES), publication.language])
    countries = (str(babel_locale(code).territories.get(publication.country, "")) for code in languages)
    source = urlsplit(publication.source_url).hostname or ""
    names = [owner.name, getattr(owner, "name_en", ""), publication.subdivision, publication.lead_organisation,
             publication.department, publication.contact_email, source]  # fmt: skip
    return "\n".join(filter(None, [*names, *countries]))


def _about_rows(publication: Publication) -> str:
    names = [
        *publication.partners.values_list("name", flat=True),
        *publication.indicators.values_list("metric", flat=True),
    ]
    return "\n".join(names)


def _labels(publication: Publication) -> Iterator[str]:
    for terms in (publication.pathways, publication.topics, publication.goals):
        for term in terms.all():
            yield from term.labels.values()


def passages_of(texts: Mapping[str, str]) -> list[Piece]:
    """Cut the texts of a document, by name of the field, into passages of whole sentences."""
    pieces: list[Piece] = []
    for name, text in texts.items():
        start = 0
        ends = [match.end() for match in _SENTENCE_END.finditer(text)] + [len(text)]
        for at, end in enumerate(ends):
            following = ends[at + 1] if at + 1 < len(ends) else None
            if following is None or following - start > LONGEST_PASSAGE:
                for cut in range(start, end, LONGEST_PASSAGE):
                    stop = min(cut + LONGEST_PASSAGE, end)
                    pieces.append(Piece(name, cut, stop, text[cut:stop].strip()))
                start = end
    return [piece for piece in pieces if piece.text][:MOST_PASSAGES]


def unmeant() -> QuerySet[Document]:
    """Return the documents whose meaning is not that of their texts, the oldest first."""
    return Document.objects.exclude(meant_digest=F("digest")).order_by("pk")


def still_to_embed(publications: Collection[int]) -> set[int]:
    """Return which of `publications` are not found by all that they mean yet; none where there is no model."""
    if settings.EMBEDDER == NO_EMBEDDER:
        return set()
    return set(unmeant().filter(publication__in=publications).values_list("publication", flat=True))


def embed_documents(
    documents: QuerySet[Document], *, tell: Callable[[int], None] = lambda _done: None, limit: int | None = None
) -> int:
    """Embed documents, `BATCH` by `BATCH`; each batch is kept at once, so the work can be stopped and taken up again.

    Nothing is locked meanwhile. A document that has changed since it was read stays to be embedded, and two processes
    that embed the same one keep the same.

    Args:
        documents: see `unmeant`; they drop out of it once they are embedded.
        tell: is called after each batch with how many are done.
        limit: how many at most.

    Returns:
        How many were embedded.

    Raises:
        EmbeddingError: the model is missing or does not answer.
    """
    embedder = get_embedder()
    done, last = 0, 0
    while limit is None or done < limit:
        rows = documents.filter(pk__gt=last).select_related("publication__practice", "publication__project")
        batch = list(rows.order_by("pk")[: BATCH if limit is None else min(BATCH, limit - done)])
        if not batch:
            break
        _embed(batch, embedder)
        last = batch[-1].pk
        done += len(batch)
        tell(done)
    return done


def _embed(batch: Sequence[Document], embedder: Embedder) -> None:
    pieces = [passages_of(texts_of(document)) for document in batch]
    places = place_passages(embedder, [piece.text for each in pieces for piece in each])
    at = 0
    for document, each in zip(batch, pieces, strict=True):
        mine = places[at : at + len(each)]
        at += len(each)
        _keep(document, each, mine, embedder.name)


@transaction.atomic
def _keep(document: Document, pieces: Sequence[Piece], places: Vectors, model: str) -> None:
    unchanged = Document.objects.filter(pk=document.pk, digest=document.digest)
    middle = HalfVector(place_of_text(places)) if len(pieces) else None
    if not unchanged.update(meaning=middle, meant_digest=document.digest, meant_by=model):
        return
    Passage.objects.filter(document=document).delete()
    Passage.objects.bulk_create(
        Passage(
            document=document, position=number, field=piece.field, start=piece.start, end=piece.end,
            meaning=HalfVector(place),
        )
        for number, (piece, place) in enumerate(zip(pieces, places, strict=True))
    )  # fmt: skip


def texts_of(document: Document) -> Mapping[str, str]:
    """Return the texts of a document by name of the field; none where they are gone meanwhile."""
    if document.is_original:
        return source_texts(document.publication)
    approved = Translation.objects.approved().filter(publication=document.publication_id, language=document.language)
    translation = approved.first()
    return translation.texts if translation else {}
