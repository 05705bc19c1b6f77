"""Which texts a translation has, and whether they still are what was translated."""

from collections.abc import Mapping

from practices.library.content import LONG_TEXTS, OWN, TEXTS
from practices.library.fields import make_field
from practices.library.models import Publication


def text_names(kind: str) -> tuple[str, ...]:
    """Return the names of the texts of a kind: title, summary, long fields."""
    return (*TEXTS, *(name for name in OWN[kind] if name in LONG_TEXTS))


def source_texts(publication: Publication) -> dict[str, str]:
    """Return the texts of a publication that there is something to translate of."""
    own = publication.child
    texts = {name: getattr(own if name in OWN[publication.kind] else publication, name)
             for name in text_names(publication.kind)}  # fmt: skip
    return {name: text for name, text in texts.items() if text}


def stale_names(source: Mapping[str, str], publication: Publication) -> list[str]:
    """Return the texts that are not what they were when `source` was taken; new and deleted ones too."""
    now = source_texts(publication)
    return [name for name in text_names(publication.kind) if source.get(name, "") != now.get(name, "")]


def label_of(name: str, publication: Publication) -> str:
    return str(make_field(name, publication.kind, None).label)
