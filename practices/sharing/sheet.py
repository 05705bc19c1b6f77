"""The practice sheet: a publication on two pages A4, as PDF, set by Typst from `sheet.typ`."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import get_language, gettext

from config.kit.pdf import count_pages, families, make_pdf
from config.kit.templatetags.kit import country_name, day, direction, language_name, money, number
from config.outbox.rendering import absolute_url
from practices.library.models import Publication
from practices.library.pages import article_context
from practices.sharing.blocks import Block, cut, one_line, to_blocks

TEMPLATE = Path(__file__).with_name("sheet.typ")
MOST_PAGES = 2
MOST_CHARACTERS = 6_000  # of a section: more than fits on two pages
LEAST_CHARACTERS = 150
NEAR_ENOUGH = 100
MOST_INDICATORS, FEW_INDICATORS = 8, 3
KEEP = 24 * 60 * 60  # seconds


@dataclass(frozen=True)
class Section:
    """A long text under its heading; `is_cut` where some of it is missing."""

    heading: str
    blocks: list[Block]
    is_cut: bool

    @property
    def weight(self) -> int:
        return sum(block.weight for block in self.blocks)


def practice_sheet(publication: Publication) -> bytes:
    """Return the PDF in the active language; kept for a day, since setting it takes a second of work.

    Args:
        publication: fetched with `with_cards` and `with_page`.
    """
    key = _cache_key(publication)
    pdf: bytes | None = cache.get(key)
    if pdf is None:
        pdf = make_sheet(publication)
        cache.set(key, pdf, KEEP)
    return pdf


def make_sheet(publication: Publication) -> bytes:
    """Set the sheet. Sections that are too long for two pages all together are cut at the same length."""
    sections = list(_sections(publication))
    frame = _frame(publication)
    longest = max((section.weight for section in sections), default=0)
    if _fits(frame, sections, longest):
        return _made(_with_sections(frame, sections, longest))
    if not _fits(frame, sections, LEAST_CHARACTERS):
        frame = _frame(publication, most_indicators=FEW_INDICATORS)
    low, high = LEAST_CHARACTERS, longest
    while high - low > NEAR_ENOUGH:
        middle = (low + high) // 2
        low, high = (middle, high) if _fits(frame, sections, middle) else (low, middle)
    return _made(_with_sections(frame, sections, low))


def _fits(frame: dict[str, Any], sections: list[Section], most: int) -> bool:
    return count_pages(TEMPLATE, _with_sections(frame, sections, most)) <= MOST_PAGES


def _made(data: dict[str, Any]) -> bytes:
    return make_pdf(TEMPLATE, data, name=f"Sheet of {data['url']}")


def _cache_key(publication: Publication) -> str:
    made_of = (
        publication.pk, publication.version, get_language(), publication.confirmed_at, publication.unconfirmed_at,
        hashlib.sha256(TEMPLATE.read_bytes()).hexdigest(), settings.BASE_URL,
    )  # fmt: skip
    return "sheet:" + hashlib.sha256(repr(made_of).encode()).hexdigest()


def _sections(publication: Publication) -> Iterator[Section]:
    texts = (
        (gettext("Challenge"), publication.challenge),
        (gettext("Solution"), publication.solution),
        (gettext("Results"), publication.results),
        (gettext("What went wrong"), publication.what_went_wrong),
        (gettext("Where it could work"), publication.transferability),
    )
    for heading, text in texts:
        if blocks := to_blocks(text[: 2 * MOST_CHARACTERS]):
            yield Section(heading, *cut(blocks, MOST_CHARACTERS))


def _with_sections(frame: dict[str, Any], sections: list[Section], most: int) -> dict[str, Any]:
    made = []
    for section in sections:
        kept, is_cut = cut(section.blocks, most)
        made.append(Section(section.heading, kept, section.is_cut or is_cut))
    return frame | {"sections": [asdict(section) for section in made]}


def _frame(publication: Publication, *, most_indicators: int = MOST_INDICATORS) -> dict[str, Any]:
    """Return what the sheet says besides its long texts; labels in the active language."""
    owner = publication.owner
    language = publication.language.partition("-")[0].lower()
    place = ", ".join(filter(None, [owner.name, publication.subdivision, country_name(publication.country)]))
    return {
        "language": language,
        "direction": direction(publication.language),
        "reader": (get_language() or "en").partition("-")[0],
        "families": families(language),
        "title": one_line(publication.title),
        "author": owner.name,
        "place": place,
        "kind": publication.get_kind_display(),
        "summary": one_line(publication.summary),
        "pathways": [{"code": one.code, "label": str(one)} for one in publication.pathways.all()],
        "facts_heading": gettext("Facts"),
        "facts": [[str(label), one_line(str(value))] for label, value in _facts(publication) if value],
        "figures": _figures(publication, most_indicators),
        "continues": gettext("Continues at"),
        "source_heading": gettext("Source"),
        "source": one_line(publication.source_title or publication.source_url),
        "source_url": publication.source_url,
        "demonstration": gettext(
            "This text is a summary made for demonstration from the source above. The municipality has not written"
            " or approved it."
        )
        if publication.is_demonstration
        else "",
        "url": absolute_url(publication.get_absolute_url()),
        "network": settings.NETWORK_NAME,
        "for_network": gettext("For readers in the network.") if publication.what_went_wrong else "",
        "made": day(timezone.now()),
    }


def _facts(publication: Publication) -> Iterator[tuple[str, str | None]]:
    facts: Any = article_context(publication)["facts"]
    contact = [publication.contact_title, publication.department, publication.contact_email]
    years = [str(year) for year in (publication.start_year, publication.end_year) if year]
    confirmed = publication.confirmed_at if not publication.is_demonstration else None
    yield gettext("Population"), number(getattr(publication.owner, "population", None))
    yield gettext("People it reaches"), number(publication.context_population)
    yield gettext("Cost"), money(publication.cost_amount, publication.cost_currency)
    yield gettext("Status"), publication.get_status_display()
    yield gettext("Years"), "–".join(years)
    yield gettext("Level of government"), facts["level"]
    yield gettext("Climate zone"), facts["climate"]
    yield gettext("Topics"), ", ".join(str(topic) for topic in publication.topics.all()[:12])
    yield gettext("Contact"), ", ".join(one for one in contact if one)
    yield gettext("Colleagues may ask for"), ", ".join(facts["offers"])
    yield gettext("Language"), language_name(publication.language)
    yield gettext("Licence of the text"), str(facts["licence"])
    if confirmed:
        yield gettext("Last confirmed"), day(confirmed)


def _figures(publication: Publication, most: int) -> dict[str, Any]:
    rows = list(publication.indicators.all())
    head = [gettext(label) for label in ("What is measured", "Before", "After", "Unit", "Year")]
    return {
        "heading": gettext("In figures"),
        "head": head,
        "rows": [
            [one_line(row.metric), number(row.baseline), number(row.value), one_line(row.unit), str(row.year or "")]
            for row in rows[:most]
        ],
        "cut": len(rows) > most,
    }
