"""One invented practice that fills the whole template: rows, a picture, two versions, a translation. It says so itself."""

from collections.abc import Mapping
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from members.accounts.models import User
from members.directory.models import Member
from practices.editorial.models import Revision
from practices.editorial.services import (
    begin_publication,
    decide_revision,
    revise_publication,
    save_revision,
    submit_revision,
)
from practices.library.files import add_file
from practices.library.models import Publication
from practices.translations.models import Translation
from practices.translations.services import approve_translation, save_translation

TITLE = "Esimerkki: sadepuutarha koulun pihalla"
FIRST: dict[str, object] = {
    "summary": "Miten koulu ja kaupunki voivat tehdä asfalttipihasta sadepuutarhan. Keksitty esimerkki esittelyä varten.",
    "status": "completed",
    "start_year": "2021",
    "end_year": "2023",
    "pathways": ["nature_based", "resilient"],
    "topics": ["water", "climate_adaptation", "nature_and_biodiversity"],
    "goals": ["6", "11", "13"],
    "challenge": "Asfalttipiha tulvi joka kevät, ja vesi valui viereiselle kadulle.",
    "solution": "Puolet asfaltista purettiin. Tilalle rakennettiin **painanne, joka imee sateen**, ja istutettiin pajuja ja rantakukkia.",
    "results": "Piha ei ole tulvinut kahteen kevääseen. Oppilaat mittaavat itse veden korkeuden.",
    "contact_title": "Ilmastokoordinaattori",
    "contact_email": "climate@joensuu.example",
    "department": "Kaupunkiympäristö",
    "objectives": "Sulamisvesi imeytyy omalle tontille kolmessa vuodessa.",
    "situation_before": "Viemäri tulvi keskimäärin neljä kertaa vuodessa.",
    "process": "Oppilaat piirsivät ensin, mihin vesi kerääntyy. Suunnittelija teki kuvista piirustukset, ja lautakunta päätti.",
    "what_helped": "Rehtori, joka halusi pihan opetuskäyttöön.",
    "what_went_wrong": "Ensimmäiset istutukset kuolivat tiesuolaan. Lumi kasataan nyt muualle.",
    "lessons": "Varatkaa rahaa myös toisen vuoden istutuksiin.",
    "beneficiaries": "300 oppilasta ja kadun asukkaat.",
    "left_out": "Iltakäyttäjät menettivät pysäköintipaikkoja.",
    "transferability": "Sopii mihin tahansa pihaan, jonka maaperä läpäisee vettä.",
    "preconditions": "Maaperätutkimus ja huollosta vastaava ihminen.",
    "adaptable": "Kasvit ja painanteen koko.",
    "context_population": "300",
    "government_level": "local",
    "climate_zone": "Dfc",
    "months_to_implement": "26",
    "lifetime_years": "20",
    "cost_amount": "84000",
    "cost_currency": "EUR",
    "offers": ["call", "visit"],
    "offer": "Soittakaa, tai tulkaa katsomaan toukokuussa.",
    "text_licence": "CC-BY-4.0",
    "legal_background": None,
    "key_dates": [
        {"when": "2021-03", "what": "Oppilaiden mittaukset"},
        {"when": "2022-05", "what": "Lautakunnan päätös"},
        {"when": "2023-06-02", "what": "Avajaiset"},
    ],
    "building_blocks": [
        {
            "title": "Mittaava luokka", "description": "Luokka mittaa vedenkorkeuden kerran viikossa.", "kind": "participation",
            "phase": "operate", "what_worked": "Tulokset ovat koulun seinällä.", "lesson": "Mittari pakkasenkestäväksi.",
        },
        {
            "title": "Huoltosopimus", "description": "Puistotoimi hoitaa kasvit, koulu kastelee.", "kind": "organisation",
            "phase": "plan", "what_worked": "Vastuut yhdellä sivulla.", "lesson": "",
        },
    ],
    "stakeholders": [
        {"who": "Oppilaat", "participation": "collaborate"}, {"who": "Naapurit", "participation": "consult"},
    ],
    "partners": [{"name": "Vesilaitos", "support": "technical", "role": "Mitoitus"}],
    "costs": [
        {"kind": "capital", "amount": "84000", "currency": "EUR", "year": "2022"},
        {"kind": "yearly", "amount": "2500", "currency": "EUR", "year": "2023"},
        {"kind": "staff", "amount": "0.3", "currency": "", "year": ""},
    ],
    "funding": [
        {"source_kind": "own", "source": "Kaupunki", "programme": "", "amount": "50000", "currency": "EUR", "share": "60", "secured": ""},
        {"source_kind": "national", "source": "Valtio", "programme": "", "amount": "34000", "currency": "EUR", "share": "40", "secured": ""},
    ],
    "indicators": [
        {"metric": "Tulvat vuodessa", "baseline": "4", "value": "0", "unit": "kertaa", "year": "2024", "source_url": "", "assurance": ""},
    ],
    "commitments": [{"level": "local", "title": "Kaupungin ilmasto-ohjelma", "url": ""}],
}  # fmt: skip
SECOND = {
    "results": "Piha ei ole tulvinut kolmeen kevääseen. Oppilaat mittaavat itse veden korkeuden.",
    "lessons": "Varatkaa rahaa myös toisen vuoden istutuksiin, ja sopikaa heti, kuka kastelee kesällä.",
}
ENGLISH = {
    "title": "Example: a rain garden in a school yard",
    "summary": "How a school and its city can turn asphalt into a rain garden. Invented for the demonstration.",
    "challenge": "The asphalt yard was flooded every spring, and the water ran into the street.",
    "solution": "Half of the asphalt was taken up. In its place came **a hollow that soaks up the rain**, with willows and loosestrife.",
    "results": "The yard has not been flooded for three springs. The pupils measure the water themselves.",
    "what_went_wrong": "The first plants died of road salt. Snow is piled up elsewhere now.",
    "lessons": "Keep money for the second year’s plants, and agree at once who waters them in summer.",
}


def load_showcase() -> None:
    """Write, publish, revise and translate the example, unless it is there."""
    if Publication.objects.filter(title=TITLE).exists():
        return
    aino, kaisa = (User.objects.get(email=email) for email in ("aino@joensuu.example", "kaisa@network.example"))
    joensuu = Member.objects.get(slug="joensuu")
    first = begin_publication(kind="practice", owner=joensuu, language="fi", title=TITLE, by=aino)
    picture = SimpleUploadedFile("sadepuutarha.png", draw_garden())
    file = add_file(publication=first.publication, upload=picture, field="photos", by=aino)
    photo = {
        "file": str(file.pk),
        "alt": "Piirros: painanne, jossa on vettä ja kasveja",
        "credit": "Talkoo",
        "licence": "CC0-1.0",
    }
    _publish(first, FIRST | {"photos": [photo]}, aino, kaisa)
    publication = Publication.objects.get(pk=first.publication_id)
    _publish(revise_publication(publication=publication, by=aino), SECOND, aino, kaisa)
    publication = Publication.objects.get(pk=first.publication_id)
    translation: Translation = save_translation(
        publication=publication, language="en", texts=ENGLISH, origin="human", edition=0, by=aino
    )
    approve_translation(translation=translation, edition=translation.edition, by=aino)


def draw_garden() -> bytes:
    """Return a small picture as PNG: sky, grass, water and plants."""
    image = Image.new("RGB", (1200, 800), "#dcebf2")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 420, 1200, 800), fill="#9cbf88")
    pen.ellipse((180, 470, 1020, 740), fill="#6fa3bd")
    for x in range(140, 1100, 60):
        height = 120 + (x * 37) % 90
        pen.line((x, 520, x + 12, 520 - height), fill="#2f5d3f", width=8)
        pen.ellipse((x - 8, 500 - height, x + 32, 540 - height), fill="#a3471f" if x % 120 else "#e2b13c")
    kept = BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def _publish(revision: Revision, changes: Mapping[str, object], by: User, reviewer: User) -> None:
    revision = save_revision(revision=revision, changes=changes, edition=revision.edition, window="", final=True, by=by)
    revision = submit_revision(revision=revision, edition=revision.edition, by=by)
    decide_revision(
        revision=revision, verdict="approved", reason="", edition=revision.edition,
        version=revision.publication.version, by=reviewer,
    )  # fmt: skip
