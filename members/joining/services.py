"""Applying: what whoever holds the link does. There is no account, so the link itself is the permission."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.files.detection import IMAGES
from config.files.names import clean_name
from config.files.services import store_upload
from config.journal.services import record
from members.directory.queries import office_of_country
from members.joining.emails import tell_applicant, tell_office
from members.joining.forms import STEPS, check
from members.joining.models import Application, Document
from members.joining.transitions import move

ALLOWED = frozenset({"application/pdf", *(IMAGES - {"image/gif", "image/tiff", "image/bmp"})})  # a scan, or a photo
MOST_DOCUMENTS = 10
KEPT_UNFINISHED = timedelta(days=180)


class StaleError(Exception):
    """Somebody else saved meanwhile."""


@transaction.atomic
def start_application(*, language: str, **facts: str) -> Application:
    """Begin an application, and send its link to the applicant's address.

    Args:
        language: of the interface, in which the applicant is written to.
        facts: the fields of `StartForm`.

    Raises:
        ValidationError: no office looks after the country.
    """
    office = office_of_country(facts["country"])
    if office is None:
        raise ValidationError({"country": _("No office looks after this country yet. Please write to the network.")})
    content = {"name": facts["name"], "staff_title": facts["applicant_title"]}
    application = Application(office=office, language=language, content=content, **facts)
    application.full_clean()
    application.save()
    tell_applicant(application, "started")
    return application


@transaction.atomic
def save_application(*, application: Application, values: Mapping[str, Any], edition: int) -> Application:
    """Keep what was typed, right or not.

    Raises:
        ValidationError: it was submitted or withdrawn meanwhile.
        StaleError: it was saved from elsewhere since `edition`, with other values.
    """
    application = lock_application(application)
    if not application.is_open:
        raise ValidationError(_("It is submitted, so it cannot be changed now."))
    changed = {name: value for name, value in values.items() if application.content.get(name, "") != value}
    if not changed:
        return application
    if edition != application.edition:
        raise StaleError
    application.content |= changed
    application.name = application.content.get("name") or application.name
    application.edition += 1
    application.saved_at = timezone.now()
    application.save(update_fields=["content", "name", "edition", "saved_at"])
    return application


@transaction.atomic
def add_document(*, application: Application, purpose: str, upload: "UploadedFile[Any]") -> Document:
    """Keep a file of an application: PDF, or a picture of the paper.

    Raises:
        ValidationError: the file is not one of those, is too large or one too many, or the application is not open.
    """
    application = lock_application(application)
    if not application.is_open:
        raise ValidationError(_("It is submitted, so it cannot be changed now."))
    if application.documents.count() >= MOST_DOCUMENTS:
        raise ValidationError(_("There are many files already. Please remove one first."))
    blob = store_upload(upload=upload, allowed=ALLOWED)
    document, _new = Document.objects.get_or_create(
        application=application, purpose=purpose, blob=blob,
        defaults={"name": clean_name(upload.name or "", blob.media_type)},
    )  # fmt: skip
    Application.objects.filter(pk=application.pk).update(saved_at=timezone.now())
    return document


@transaction.atomic
def remove_document(*, application: Application, document: Document) -> None:
    """Take a file out again.

    Raises:
        ValidationError: the application is not open.
    """
    if not lock_application(application).is_open:
        raise ValidationError(_("It is submitted, so it cannot be changed now."))
    document.delete()


def missing(application: Application) -> list[str]:
    """Return what has to be done before it can be submitted, in the active language."""
    labels = [
        str(form.fields[name].label)
        for step in STEPS
        for form in [check(step, application.content)]
        for name in form.errors
    ]
    there = set(application.documents.values_list("purpose", flat=True))
    return labels + [str(label) for purpose, label in Document.Purpose.choices if purpose not in there]


@transaction.atomic
def submit_application(*, application: Application) -> Application:
    """Hand an application to its office.

    Raises:
        ValidationError: something is missing, or it was submitted or withdrawn meanwhile.
    """
    application = lock_application(application)
    if what := missing(application):
        raise ValidationError(_("Still missing or not right: %(what)s.") % {"what": ", ".join(what)})
    move(application, "submit")
    application.submitted_at = timezone.now()
    application.save(update_fields=["state", "submitted_at"])
    record(verb="application_submitted", obj=application, by=None, office_id=application.office_id)
    tell_applicant(application, "submitted")
    tell_office(application, "submitted")
    return application


@transaction.atomic
def withdraw_application(*, application: Application) -> Application:
    """Take an application back before it is decided.

    Raises:
        ValidationError: it is decided, or was withdrawn before.
    """
    application = lock_application(application)
    move(application, "withdraw")
    application.save(update_fields=["state"])
    record(verb="application_withdrawn", obj=application, by=None, office_id=application.office_id)
    tell_applicant(application, "withdrawn")
    if application.submitted_at:
        tell_office(application, "withdrawn")
    return application


def confirm_address(*, application: Application) -> None:
    """Remember that the applicant's address reaches the applicant."""
    Application.objects.filter(pk=application.pk).update(is_confirmed=True)


def forget_unfinished(now: datetime | None = None) -> int:
    """Delete applications that nobody has worked on for `KEPT_UNFINISHED` and that were never submitted."""
    old = Application.objects.unfinished_since((now or timezone.now()) - KEPT_UNFINISHED)
    number = old.count()
    old.delete()
    return number


def lock_application(application: Application) -> Application:
    """Return an application as it is now, kept from others until the transaction ends."""
    found: Application = (
        Application.objects.select_for_update(of=("self",)).select_related("office").get(pk=application.pk)
    )
    return found
