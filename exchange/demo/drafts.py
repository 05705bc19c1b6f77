"""Texts that are not published yet, so that the demo's queue and "Your texts" are not empty. All are examples."""

from collections.abc import Mapping

from exchange.announcements.models import Announcement
from exchange.announcements.services import write_announcement
from exchange.demo.network import ASSOCIATION
from members.accounts.models import User
from members.directory.models import Member, Office
from practices.editorial.models import Revision
from practices.editorial.services import begin_publication, revise_publication, save_revision, submit_revision
from practices.library.models import Publication

SHADE = {
    "title": "Пример: сенка во училишните дворови",
    "summary": "Како една општина може да засади дрвја во училишните дворови и да ги разлади пред летото. Пример за демонстрација.",
    "start_year": "2024",
    "pathways": ["nature_based", "resilient"],
    "topics": ["climate_adaptation", "nature_and_biodiversity"],
    "challenge": "Дворовите се асфалтирани, а во јуни температурата на подот надминува 50 степени.",
    "solution": "Учениците, наставниците и комуналното претпријатие заедно избираат **места за дрвја**:\n\n1. мерење на топлината во јуни,\n2. избор на видови што поднесуваат суша,\n3. садење во ноември.",
}
SNOW = {
    "title": "Esimerkki: kuntien yhteinen hulevesiryhmä",
    "summary": "Miten liitto voi koota pienten kuntien hulevesiasiantuntijat samaan ryhmään. Esimerkki esittelyä varten.",
    "start_year": "2023",
    "pathways": ["resilient", "nature_based"],
    "topics": ["water", "governance_and_participation"],
    "goals": ["6", "11", "13"],
    "challenge": "Pienessä kunnassa hulevesistä vastaa usein yksi ihminen muun työn ohessa.",
    "solution": "Ryhmä tapaa verkossa joka toinen kuukausi. Jokainen tuo **yhden avoimen kysymyksen**, ja muut kertovat, mitä ovat kokeilleet.",
    "results": "Esimerkkitekstissä ei ole mitattuja tuloksia.",
    "lessons": "Ensimmäinen tapaaminen kannattaa pitää kasvokkain.",
    "what_went_wrong": "Iltapäivän ajat eivät sopineet kenellekään.",
    "contact_title": "Erityisasiantuntija",
    "contact_email": "water@kuntaliitto.example",
}  # fmt: skip
CITICAP = {
    "contact_title": "Kestävän liikkumisen koordinaattori",
    "contact_email": "mobility@lahti.example",
    "topics": ["mobility", "governance_and_participation", "air_and_noise"],
}
MORE_ON_CITICAP = " Aloittakaa niistä työpaikoista, joissa pysäköinti on jo nyt maksullista."


MEETING = {
    "en": (
        "Example: meeting of the Finnish members on 10 March",
        "This is an example. We meet in **Joensuu** and look at the wooden town together.\n\n- Travel for one person of each member is paid\n- Please say by 1 February who comes",
    ),
    "fi": (
        "Esimerkki: suomalaisten jäsenten tapaaminen 10. maaliskuuta",
        "Tämä on esimerkki. Tapaamme **Joensuussa** ja katsomme yhdessä puukaupunkia.\n\n- Yhden hengen matkat kultakin jäseneltä maksetaan\n- Kertokaa 1. helmikuuta mennessä, kuka tulee",
    ),
}


def load_announcement() -> None:
    """Write an announcement that Kaisa has not sent yet, unless anybody has written one already."""
    if Announcement.objects.exists():
        return
    values = {"office": Office.objects.get(slug="finland"), "topic": None, "is_important": False, "texts": MEETING}
    write_announcement(values=values, by=User.objects.get(email="kaisa@network.example"))


def load_drafts() -> None:
    """Begin and submit the examples, unless anybody has begun anything already."""
    if Revision.objects.exists():
        return
    mikko, petra, elena = (
        User.objects.get(email=email)
        for email in ("mikko@lahti.example", "petra@kuntaliitto.example", "elena@bitola.example")
    )
    citicap = Publication.objects.get(import_id="lahti-citicap-liikkumisen-paastokauppa")
    change = revise_publication(publication=citicap, by=mikko)
    text = str(change.content["transferability"]) + MORE_ON_CITICAP
    _submit(_fill(change, CITICAP | {"transferability": text}, mikko), mikko)
    _submit(_fill(_begin(ASSOCIATION, "fi", petra, str(SNOW["title"])), SNOW, petra), petra)
    _fill(_begin("Bitola", "mk", elena, str(SHADE["title"])), SHADE, elena)


def _begin(member: str, language: str, by: User, title: str) -> Revision:
    owner = Member.objects.get(name_en=member)
    return begin_publication(kind="practice", owner=owner, language=language, title=title, by=by)


def _fill(revision: Revision, changes: Mapping[str, object], by: User) -> Revision:
    return save_revision(revision=revision, changes=changes, edition=revision.edition, window="", final=True, by=by)


def _submit(revision: Revision, by: User) -> None:
    submit_revision(revision=revision, edition=revision.edition, by=by)
