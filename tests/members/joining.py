"""Joensuu's application, as the tests of joining need it."""

from django.core.files.uploadedfile import SimpleUploadedFile

from members.joining import deciding, services
from members.joining.models import Application, Document

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
STARTED = {
    "name": "Joensuun kaupunki", "country": "FI", "applicant_name": "Aino Karhu", "applicant_title": "Ilmastokoordinaattori",
    "applicant_email": "aino@joensuu.example",
}  # fmt: skip
MUNICIPALITY = {
    "kind": "city", "name": "Joensuun kaupunki", "name_en": "Joensuu", "subdivision": "Pohjois-Karjala",
    "population": "77513", "population_year": "2022", "website": "https://www.joensuu.example", "languages": ["fi", "en"],
}  # fmt: skip
CONTACTS = {
    "leader_title": "Kaupunginjohtaja", "leader_name": "Jarmo Johtaja", "leader_email": "kaupunginjohtaja@joensuu.example",
    "leader_term_ends_on": "2029-05-31", "staff_title": "Ilmastokoordinaattori", "staff_name": "Aino Karhu",
    "staff_email": "ilmasto@joensuu.example", "political_title": "", "political_name": "", "political_email": "",
    "billing_title": "Ostolaskut", "billing_email": "laskut@joensuu.example",
    "billing_address": "Joensuun kaupunki\nPL 1234\n80101 Joensuu", "billing_reference": "1275", "billing_vat_id": "",
}  # fmt: skip


def application(state="draft", *, by=None, language="fi", **content):
    """Return an application of Joensuu, led to `state` by the acts themselves; `by` decides."""
    made = services.start_application(language=language, **STARTED)
    made = services.save_application(application=made, values=MUNICIPALITY | CONTACTS | content, edition=0)
    for purpose, name in (("signed_form", "jäsenhakemus.pdf"), ("decision", "päätös.pdf")):
        upload = SimpleUploadedFile(name, PDF + name.encode())
        services.add_document(application=made, purpose=purpose, upload=upload)
    if state not in {"draft", "withdrawn"}:
        made = services.submit_application(application=made)
    acts = {
        "withdrawn": lambda: services.withdraw_application(application=made),
        "documents_requested": lambda: deciding.request_documents(
            application=made, message="The decision, please.", by=by
        ),
        "declined": lambda: deciding.decline_application(application=made, message="Not a municipality.", by=by),
        "approved": lambda: deciding.approve_application(application=made, by=by),
    }
    if state in acts:
        acts[state]()
    return Application.objects.get(pk=made.pk)


def documents_of(made):
    """Return (purpose, name) of each file of an application."""
    return list(Document.objects.filter(application=made).values_list("purpose", "name"))
