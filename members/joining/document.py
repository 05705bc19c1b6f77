"""The application form as PDF, for the mayor's signature."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, override

from config.kit.countries import country_name, language_name
from config.kit.pdf import families, make_pdf
from config.kit.templatetags.kit import number
from members.joining.forms import STEPS, check
from members.joining.models import Application

TEMPLATE = Path(__file__).with_name("application.typ")


def application_pdf(application: Application) -> bytes:
    """Return the form with all that was typed so far, in the applicant's language."""
    with override(application.language):
        return make_pdf(TEMPLATE, application_data(application), name=f"Application {application.pk}")


def application_data(application: Application) -> dict[str, Any]:
    """Return what the form says; labels in the active language."""
    facts = [[gettext("Country"), country_name(application.country)]]
    for step in STEPS:
        form = check(step, application.content)
        for name, field in form.fields.items():
            facts.append([str(field.label), _shown(name, application.content.get(name), form)])
    return {
        "language": application.language,
        "families": families(application.language),
        "title": gettext("Application for membership"),
        "network": settings.NETWORK_NAME,
        "name": application.name,
        "office": application.office.name,
        "facts": facts,
        "declaration": gettext(
            "The local government named above applies for membership in %(network)s, by the decision of its council or"
            " board, and pays the yearly fee."
        )
        % {"network": settings.NETWORK_NAME},
        "lines": [gettext("Place and date"), gettext("Signature"), gettext("Name and title in print")],
    }


def _shown(name: str, value: Any, form: Any) -> str:
    if name == "languages":
        return ", ".join(language_name(code) for code in value or [])
    if name == "kind":
        return str(dict(form.fields["kind"].choices).get(value, ""))
    if name == "population" and str(value or "").isdecimal():
        return number(int(value))
    return str(value or "")
