"""How members of the demo join and pay: Joensuu's story as its board decided it, and an application that waits."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import override

from config.kit.pdf import make_pdf
from exchange.demo.past import in_the_past
from members.accounts.models import User
from members.directory.models import Member, Office
from members.fees.models import FeeSchedule, Issuer
from members.fees.payments import record_payment
from members.joining import deciding, services
from members.joining.document import TEMPLATE, application_data
from members.joining.models import Application

FEE = Decimal(1200)  # EUR a year, as Joensuu's board decided
LEADER = "Kaupunginjohtaja"
JOENSUU = {
    "kind": "city", "name": "Joensuun kaupunki", "name_en": "Joensuu", "subdivision": "Pohjois-Karjala",
    "population": "77513", "population_year": "2022", "website": "", "languages": ["fi", "en"],
    "leader_title": LEADER, "leader_name": "Esimerkki Johtaja", "leader_email": "mayor@joensuu.example",
    "staff_title": "Ilmastokoordinaattori", "staff_name": "Aino Karhu", "staff_email": "climate@joensuu.example",
    "billing_title": "Ostolaskut", "billing_email": "invoices@joensuu.example",
    "billing_address": "Joensuun kaupunki\nRantakatu 20\n80100 Joensuu",
    "billing_reference": "1275 Ilmastotyön koordinointi",
}  # fmt: skip
KAJAANI = {
    "kind": "city", "name": "Kajaanin kaupunki", "name_en": "Kajaani", "subdivision": "Kainuu", "population": "36000",
    "population_year": "2023", "website": "", "languages": ["fi"], "leader_title": LEADER,
    "leader_name": "Toinen Johtaja", "leader_email": "mayor@kajaani.example", "staff_title": "Ympäristöpäällikkö",
    "staff_name": "Leena Virta", "staff_email": "environment@kajaani.example", "billing_title": "Talouspalvelut",
    "billing_email": "invoices@kajaani.example", "billing_address": "Kajaanin kaupunki\nPohjolankatu 13\n87100 Kajaani",
    "billing_reference": "4410",
}  # fmt: skip
APPLICANTS = {"Joensuun kaupunki": ("Aino Karhu", "Ilmastokoordinaattori", "aino@joensuu.example"),
              "Kajaanin kaupunki": ("Leena Virta", "Ympäristöpäällikkö", "leena@kajaani.example")}  # fmt: skip


def load_joining() -> None:
    """Load what memberships cost, the finished story and the application, unless anybody has applied already."""
    if Application.objects.exists():
        return
    FeeSchedule.objects.get_or_create(
        year=2022, office=None, defaults={"name": "Yearly fee", "kind": "flat", "amount": FEE}
    )
    Issuer.objects.get_or_create(
        series="EUROPE",
        defaults={
            "office": Office.objects.get(slug="europe"),
            "name": "European Office of the Network",
            "address": "Leopoldring 3\n79098 Freiburg\nGermany",
            "iban": "DE02120300000000202051",
            "bic": "BYLADEM1001",
        },
    )
    with in_the_past():
        _join_joensuu(User.objects.get(email="kaisa@network.example"))
    services.submit_application(application=_filled_in(KAJAANI))


def _join_joensuu(kaisa: User) -> None:
    """Let Joensuu, of which the demo's practices know already, come in by the same door as everybody."""
    Member.objects.filter(slug="joensuu").update(is_active=False)
    application = _filled_in(JOENSUU)
    services.confirm_address(application=application)
    application = services.submit_application(application=application)
    invoice = deciding.approve_application(application=application, by=kaisa)
    record_payment(invoice=invoice, amount=invoice.total, paid_on=timezone.localdate(), by=kaisa)


def _filled_in(content: Mapping[str, object]) -> Application:
    name = str(content["name"])
    applicant, title, email = APPLICANTS[name]
    application = services.start_application(
        language="fi", name=name, country="FI", applicant_name=applicant, applicant_title=title, applicant_email=email
    )
    application = services.save_application(application=application, values=content, edition=0)
    with override("fi"):
        form = application_data(application)
    decision = form | {
        "title": "Kaupunginhallituksen päätös",
        "facts": [["Päätös", "Hyväksyttiin yksimielisesti."]],
        "declaration": f"Kaupunginhallitus päättää, että {name} liittyy verkostoon, ja valtuuttaa kaupunginjohtajan"
        " allekirjoittamaan jäsenhakemuksen.",
    }
    papers = {"signed_form": ("jäsenhakemus.pdf", form), "decision": ("päätös.pdf", decision)}
    for purpose, (file, data) in papers.items():
        upload = SimpleUploadedFile(file, _paper(json.dumps(data)))
        services.add_document(application=application, purpose=purpose, upload=upload)
    return application


@cache
def _paper(data: str) -> bytes:
    """Set a paper, once for each process: tests load the demo a hundred times."""
    return make_pdf(TEMPLATE, json.loads(data), name="A paper of the demo")
