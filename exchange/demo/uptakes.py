"""Who took up whose practice in the demo, and a saved list, so that these pages are not empty. All is invented."""

from datetime import date
from typing import Any

from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Publication
from practices.uptake.bookmarks import change_list, make_list, save_bookmark
from practices.uptake.models import BookmarkList, Uptake
from practices.uptake.services import confirm_uptake, record_uptake

STREETS: dict[str, Any] = {
    "language": "mk",
    "changed": "Измислен пример за демонстрација.\n\n- Почнуваме со Широк Сокак и две соседни улици.\n- Доставата е дозволена до десет часот наутро.",
    "result": "Измислен пример: бројот на пешаци се мери од пролет, резултати уште нема.",
    "contact_title": "Советник за енергетика",
    "contact_email": "energy@bitola.example",
}
TIMBER: dict[str, Any] = {
    "language": "fi",
    "changed": "Keksitty esimerkki esittelyä varten. Harkitsemme samanlaista kaavamääräystä yhteen kortteliin.",
    "contact_title": "Kestävän liikkumisen koordinaattori",
    "contact_email": "mobility@lahti.example",
}
SORTING: dict[str, Any] = {
    "language": "en",
    "changed": "An invented example. We tried twelve kinds of waste instead of 45, at one drop-off point.",
    "cost_amount": 38_000,
    "cost_currency": "AUD",
    "drop_reason": "An invented example. Few people brought their waste by car across a large city: the staffed point was too far for most. Next time we would begin with many small points.",
    "contact_title": "Sustainability lead",
    "contact_email": "sustainability@melbourne.example",
}  # fmt: skip
# Who says it, for which member, of what, where they are since when, and who confirms it.
UPTAKES = (
    ("elena@bitola.example", "Bitola", "pontevedra-ciudad-peatonal", "adapting", date(2026, 3, 2), STREETS,
     "lucia@pontevedra.example"),
    ("mikko@lahti.example", "Lahti", "joensuu-lighthouse-puukerrostalo", "considering", None, TIMBER, ""),
    ("tom@melbourne.example", "Melbourne", "kamikatsu-zero-waste", "dropped", date(2025, 11, 14), SORTING,
     "haruka@kamikatsu.example"),
)  # fmt: skip
LIST = "Jäte ja kierto (keksitty esimerkki)"
SAVED = (
    ("kamikatsu-zero-waste", "Keksitty muistiinpano: kysy, kauanko lajittelun opettelu kesti."),
    ("wien-reparaturbon", ""),
    ("capannori-rifiuti-zero", ""),
)


def load_uptakes() -> None:
    """Record and confirm the examples, and keep Aino's list, unless anybody has recorded or kept anything already."""
    if Uptake.objects.exists() or BookmarkList.objects.exists():
        return
    for email, member, import_id, state, since, facts, owner in UPTAKES:
        uptake = record_uptake(
            publication=_find(import_id), member=Member.objects.get(name_en=member), state=state, since=since,
            facts=facts, by=User.objects.get(email=email),
        )  # fmt: skip
        if owner:
            confirm_uptake(uptake=uptake, edition=uptake.edition, by=User.objects.get(email=owner))
    aino = User.objects.get(email="aino@joensuu.example")
    kept = make_list(name=LIST, by=aino)
    change_list(bookmark_list=kept, name=LIST, shared_with=Member.objects.get(slug="joensuu"), by=aino)
    for import_id, note in reversed(SAVED):
        save_bookmark(publication=_find(import_id), bookmark_list=kept, note=note, by=aino)


def _find(import_id: str) -> Publication:
    found: Publication = Publication.objects.get(import_id=import_id)
    return found
