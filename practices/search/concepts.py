"""The concepts of the field between questions and texts: they steady a question, and say what a result is about.

A concept stands in the middle of its names in all languages, which is a place better known than that of any one short
text. A question that names a concept is drawn towards it, and towards the nearest ones a little.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from django.utils.translation import get_language

from practices.search.embedding import Embedder, EmbeddingError, Vectors, get_embedder, unit
from practices.search.glossary import CONCEPTS
from practices.search.space import Vector, load_space
from practices.search.words import fold

PATH = Path(__file__).with_name("concepts.npz")
MOST, LEAST_NEAR = 2, 0.12  # named with a result; cosine with the text
NEAREST, BY_NEAREST, BY_NAME = 3, 0.2, 0.4
_WORD = re.compile(r"\w+")


def draw_to_concepts(question: Vector, text: str, embedder: Embedder) -> Vector:
    """Return where a question stands once the concepts that it names, and the nearest ones, have drawn it.

    Measured on 87 questions over 72 texts, this finds one more of a hundred among the first five across languages, and
    what it finds stands higher.
    """
    places = _places(embedder.name)
    near = places @ question
    nearest = np.argsort(-near)[:NEAREST]
    drawn = question + BY_NEAREST * unit((places[nearest] * near[nearest, None]).sum(axis=0))
    if named := named_concepts(text):
        drawn += BY_NAME * unit(places[named].sum(axis=0))
    place: Vector = unit(drawn)
    return place


def names_of_concepts(text: str) -> list[list[str]]:
    """Return the names, in all languages, of each concept that a text names."""
    names = list(CONCEPTS.values())
    return [list(names[number].values()) for number in named_concepts(text)]


def named_concepts(text: str) -> list[int]:
    """Return the numbers of the concepts of which a text holds every word of a name, in whatever form."""
    words = _WORD.findall(fold(text))
    return sorted({number for number, stems in _names() if all(any(map(stem.is_in, words)) for stem in stems)})


@dataclass(frozen=True)
class _Stem:
    """The beginning of a word that its other forms share; a long one may stand inside of a compound."""

    text: str
    longest: int  # a word that it begins, so that dust does not stand in the way of pollinators: pöly, pölyttäjä

    def is_in(self, word: str) -> bool:
        return (word.startswith(self.text) and len(word) <= self.longest) or (len(self.text) > 5 and self.text in word)


@cache
def _names() -> list[tuple[int, list[_Stem]]]:
    """Return each name of each concept as the stems of its words, the short ones left out."""
    found = []
    for number, names in enumerate(CONCEPTS.values()):
        for name in names.values():
            words = [word for word in _WORD.findall(fold(name)) if len(word) > 3]
            found.append((number, [_Stem(word[: max(4, len(word) - 3)], len(word) + 4) for word in words]))
    return [(number, stems) for number, stems in found if stems]


def nearest_concepts(question: Vector | None, text: Vector) -> list[str]:
    """Return up to two concepts, in the active language, that are near both to a question and to a text.

    None where nothing is embedded. It has to be near to both: a text is about much that was not asked for.
    """
    if question is None:
        return []
    try:
        places = _places(get_embedder().name)
    except EmbeddingError:
        return []
    of_text = places @ text
    near = np.maximum(places @ question, 0) * np.where(of_text >= LEAST_NEAR, of_text, 0)
    codes = list(CONCEPTS)
    return [label(codes[at]) for at in np.argsort(-near)[:MOST].tolist() if near[at] > 0]


def nearest_to_question(question: Vector | None) -> list[str]:
    """Return the concepts, in the active language, that a question is nearest to; none where nothing is embedded."""
    if question is None:
        return []
    try:
        near = _places(get_embedder().name) @ question
    except EmbeddingError:
        return []
    codes = list(CONCEPTS)
    return [label(codes[at]) for at in np.argsort(-near)[:NEAREST].tolist() if near[at] >= LEAST_NEAR]


def label(code: str) -> str:
    """Return what a concept is called in the active language, in English where it has no other name."""
    names = CONCEPTS[code]
    return names.get(get_language() or "en") or names["en"]


@cache
def _places(model: str) -> Vectors:
    """Return where the concepts stand, shape (concepts, DIMENSIONS), as they were kept, or worked out now."""
    if PATH.exists():
        with np.load(PATH, allow_pickle=False) as kept:
            if str(kept["model"]) == model and kept["codes"].tolist() == list(CONCEPTS):
                places: Vectors = kept["places"].astype(np.float32)
                return places
    return place_concepts(get_embedder())


def place_concepts(embedder: Embedder) -> Vectors:
    """Work out where the concepts stand: each in the middle of its names in all languages."""
    space = load_space(embedder.name)
    names = [name for each in CONCEPTS.values() for name in each.values()]
    each = unit(
        space.place(embedder.embed(names, as_question=True), space.questions)
        + space.place(embedder.embed(names, as_question=False), space.titles)
    )
    ends = np.cumsum([len(one) for one in CONCEPTS.values()])[:-1]
    middle: Vectors = unit(np.array([one.mean(axis=0) for one in np.split(each, ends)]))
    return middle


def save_concepts(embedder: Embedder) -> None:
    """Keep where the concepts stand, because working it out takes some seconds."""
    places = place_concepts(embedder).astype(np.float16)
    np.savez_compressed(PATH, model=np.array(embedder.name), codes=np.array(list(CONCEPTS)), places=places)
