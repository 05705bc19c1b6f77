"""What a text and a question are both about, in the reader's words."""

from functools import cache
from pathlib import Path

import numpy as np
from django.utils.translation import get_language

from practices.search.embedding import Embedder, EmbeddingError, get_embedder
from practices.search.glossary import CONCEPTS
from practices.search.space import Vector, Vectors, load_space, unit

PATH = Path(__file__).with_name("concepts.npz")
MOST = 2


def nearest_concepts(question: Vector | None, text: Vector) -> list[str]:
    """Return up to two concepts, in the active language, that are near both to a question and to a text.

    None where nothing is embedded. Both have to be near: a text is about much that was not asked for.
    """
    if question is None:
        return []
    try:
        places = _places()
    except EmbeddingError:
        return []
    near = np.minimum(places @ question, places @ text)
    codes = list(CONCEPTS)
    return [label(codes[at]) for at in np.argsort(-near)[:MOST].tolist() if near[at] > 0]


def label(code: str) -> str:
    """Return what a concept is called in the active language, in English where it has no other name."""
    names = CONCEPTS[code]
    return names.get(get_language() or "en") or names["en"]


@cache
def _places() -> Vectors:
    """Return where the concepts stand, shape (concepts, DIMENSIONS), as they were kept, or worked out now."""
    embedder = get_embedder()
    if PATH.exists():
        with np.load(PATH, allow_pickle=False) as kept:
            if str(kept["model"]) == embedder.name and kept["codes"].tolist() == list(CONCEPTS):
                places: Vectors = kept["places"].astype(np.float32)
                return places
    return place_concepts(embedder)


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
