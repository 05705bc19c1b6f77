"""What the page of a publication shows beside what stands in its columns, of a published one and of a preview."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.http import HttpRequest

from config.kit.countries import country_name
from config.vocabulary.choices import CLIMATE_ZONES, Level
from practices.library.charts import indicator_bars
from practices.library.fields import make_field
from practices.library.models import Practice, Project, Publication


@dataclass(frozen=True)
class Reading:
    """The texts of a publication in another language, by name of the field."""

    language: str
    texts: Mapping[str, str]


class Text(str):
    """A text that is in another language than the rest of its page."""

    __slots__ = ("language",)
    language: str

    def __new__(cls, text: str, language: str) -> Self:
        made = super().__new__(cls, text)
        made.language = language
        return made


class Translated:
    """A publication that says its texts in another language; what is not translated stays as it is."""

    def __init__(self, publication: Publication, reading: Reading) -> None:
        self.publication = publication
        self.texts = {name: Text(text, reading.language) for name, text in reading.texts.items()}
        self.child = _Child(publication.child, self.texts)

    def __str__(self) -> str:
        return str(self.title)

    def __getattr__(self, name: str) -> Any:
        return self.texts[name] if name in self.texts else getattr(self.publication, name)


class _Child:
    def __init__(self, child: Any, texts: Mapping[str, Text]) -> None:
        self.child, self.texts = child, texts

    def __getattr__(self, name: str) -> Any:
        return self.texts[name] if name in self.texts else getattr(self.child, name)


Choose = Callable[[HttpRequest, Publication], Reading | None]
_choosers: list[Choose] = []


def register_reading(choose: Choose) -> None:
    """Let an upper room say in which language a reader reads; called from an AppConfig's ready()."""
    _choosers.append(choose)


def in_readers_language(request: HttpRequest, publication: Publication) -> Publication | Translated:
    """Return the publication, or what looks like it in the language that this reader reads it in."""
    for choose in _choosers:
        if reading := choose(request, publication):
            return Translated(publication, reading)
    return publication


def article_context(publication: Any) -> dict[str, object]:
    """Return the context of `publication_article.html` for a publication, or for what looks like one."""
    facts = {
        "level": dict(Level.choices).get(publication.government_level, ""),
        "climate": dict(CLIMATE_ZONES).get(publication.climate_zone, ""),
        "licence": dict(Publication.Licence.choices).get(publication.text_licence, ""),
        "offers": _labels(Publication.Offer.choices, publication.offers),
        "seeking": _labels(Project.Seeking.choices, getattr(publication.child, "seeking_kinds", [])),
        "project": getattr(publication.child, "from_project", None),
        "practice": _made_practice(publication),
        "unknown": [make_field(name, publication.kind, None).label for name in publication.not_known],
    }
    return {
        "publication": publication,
        "facts": facts,
        "bars": indicator_bars(publication.indicators.all()),
        "place": {"name": f"{publication.owner}, {place_name(publication)}", "points": _points(publication)},
    }


def place_name(publication: Any) -> str:
    """Return where it is in words, from the smaller to the larger, in the active language."""
    return ", ".join(filter(None, [publication.subdivision, country_name(publication.country)]))


def _points(publication: Any) -> list[dict[str, object]]:
    """Return the point of a publication as the map component takes it; none where it is not known."""
    if publication.latitude is None or publication.longitude is None:
        return []
    return [{"lat": publication.latitude, "lon": publication.longitude, "label": str(publication.owner)}]


def _made_practice(publication: Any) -> Practice | None:
    """Return the practice that a project became, once readers see it."""
    if publication.kind != Publication.Kind.PROJECT:
        return None
    return Practice.objects.filter(from_project=publication.pk, state=Publication.State.PUBLISHED).first()


def _labels(choices: Iterable[tuple[str, Any]], chosen: Iterable[str]) -> list[str]:
    return [str(label) for code, label in choices if code in chosen]
