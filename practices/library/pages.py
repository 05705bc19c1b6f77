"""What the page of a publication shows beside what stands in its columns, of a published one and of a preview."""

from collections.abc import Iterable
from typing import Any

from config.vocabulary.choices import CLIMATE_ZONES, Level
from practices.library.charts import indicator_bars
from practices.library.fields import make_field
from practices.library.models import Practice, Project, Publication


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
    return {"publication": publication, "facts": facts, "bars": indicator_bars(publication.indicators.all())}


def _made_practice(publication: Any) -> Practice | None:
    """Return the practice that a project became, once readers see it."""
    if publication.kind != Publication.Kind.PROJECT:
        return None
    return Practice.objects.filter(from_project=publication.pk, state=Publication.State.PUBLISHED).first()


def _labels(choices: Iterable[tuple[str, Any]], chosen: Iterable[str]) -> list[str]:
    return [str(label) for code, label in choices if code in chosen]
