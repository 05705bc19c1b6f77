"""Every write to translations."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.countries import CONTENT_LANGUAGES
from members.accounts.models import User
from practices.editorial.validators import clean_reason
from practices.library.fields import LONGEST
from practices.library.forms import check_storable
from practices.library.models import Publication
from practices.library.services import record_act
from practices.translations import emails
from practices.translations.models import Translation
from practices.translations.texts import source_texts, text_names

SENT_BACK = ("sent_back_by", "sent_back_at", "sent_back_reason")
LONGEST_OF = {"title": 150, "summary": 450}  # half as long again as the originals may be


class StaleTranslationError(Exception):
    """Somebody saved a newer edition meanwhile; `translation` is as it is now. Nothing was written."""

    def __init__(self, translation: Translation) -> None:
        super().__init__(f"edition {translation.edition} of translation {translation.pk} is newer")
        self.translation = translation


@transaction.atomic
def save_translation(
    *, publication: Publication, language: str, texts: Mapping[str, str], origin: str, edition: int, by: User
) -> Translation:
    """Keep a translation as made from the texts of today. It waits for approval, which an earlier one loses.

    Args:
        texts: by name of the field; names that the kind does not have are left out.
        edition: the edition that the work began from, 0 for a new one.

    Raises:
        PermissionDenied: `by` writes for nobody, or the publication is not published.
        StaleTranslationError: somebody else saved meanwhile.
        ValidationError: by field, what cannot be kept; or the language is the original's or unknown.
    """
    if not by.has_perm("translations.translate_publication", publication):
        raise PermissionDenied
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    names = text_names(publication.kind)
    kept = {name: texts[name].replace("\r\n", "\n").strip() for name in names if texts.get(name, "").strip()}
    _check(publication, language, kept, origin)
    found = Translation.objects.select_for_update().filter(publication=publication, language=language).first()
    if (found.edition if found else 0) != edition:
        raise StaleTranslationError(found or Translation(publication=publication, language=language, edition=0))
    translation: Translation = found or Translation(publication=publication, language=language, edition=0)
    translation.texts, translation.source, translation.origin = kept, source_texts(publication), origin
    translation.edition += 1
    translation.saved_by, translation.saved_at = by, timezone.now()
    translation.approved_by = translation.approved_at = None
    _forget_sent_back(translation)
    translation.full_clean()
    translation.save()
    record_act(publication, "translated", by=by, details={"language": language, "origin": origin})
    emails.queue_waiting(translation)
    return translation


@transaction.atomic
def approve_translation(*, translation: Translation, edition: int, by: User) -> Translation:
    """Let readers see a translation. Whoever made it is told.

    Raises:
        PermissionDenied: `by` does not answer for the original.
        StaleTranslationError: it is not the edition that `by` has read.
        ValidationError: it is approved already, or the title is missing.
    """
    translation = _lock_to_decide(translation, edition, by)
    if not translation.texts.get("title"):
        raise ValidationError(_("The title is not translated yet."))
    translation.approved_by, translation.approved_at = by, timezone.now()
    _forget_sent_back(translation)
    translation.save(update_fields=["approved_by", "approved_at", *SENT_BACK])
    record_act(translation.publication, "translation_approved", by=by, details={"language": translation.language})
    emails.queue_decision(translation, by)
    return translation


@transaction.atomic
def send_back_translation(*, translation: Translation, edition: int, reason: str, by: User) -> Translation:
    """Ask whoever made a translation to change it before readers see it. They are told why.

    Raises:
        PermissionDenied: `by` does not answer for the original.
        StaleTranslationError: it is not the edition that `by` has read.
        ValidationError: no reason; it is approved, or sent back already.
    """
    translation = _lock_to_decide(translation, edition, by)
    if translation.sent_back_at:
        raise ValidationError(_("It is sent back already."))
    translation.sent_back_reason = clean_reason(reason)
    translation.sent_back_by, translation.sent_back_at = by, timezone.now()
    translation.save(update_fields=SENT_BACK)
    details = {"language": translation.language, "reason": translation.sent_back_reason}
    record_act(translation.publication, "translation_sent_back", by=by, details=details)
    emails.queue_decision(translation, by)
    return translation


def _lock_to_decide(translation: Translation, edition: int, by: User) -> Translation:
    if not by.has_perm("translations.approve_translation", translation):
        raise PermissionDenied
    locked: Translation = Translation.objects.select_for_update(of=("self",)).select_related(
        "publication__owner_member__office", "publication__owner_office__parent", "saved_by"
    ).get(pk=translation.pk)  # fmt: skip
    if locked.edition != edition:
        raise StaleTranslationError(locked)
    if locked.is_approved:
        raise ValidationError(_("It is approved already."))
    return locked


def _forget_sent_back(translation: Translation) -> None:
    translation.sent_back_by = translation.sent_back_at = None
    translation.sent_back_reason = ""


def _check(publication: Publication, language: str, texts: Mapping[str, str], origin: str) -> None:
    if language not in CONTENT_LANGUAGES or language == publication.language:
        raise ValidationError({"language": _("Choose another language than that of the original.")})
    if origin not in Translation.Origin.values:
        raise ValidationError({"origin": _("Say how it was made.")})
    if not texts:
        raise ValidationError({"title": _("Nothing is translated yet.")})
    check_storable(texts)
    too_long = {name: LONGEST_OF.get(name, LONGEST) for name, text in texts.items()
                if len(text) > LONGEST_OF.get(name, LONGEST)}  # fmt: skip
    if too_long:
        raise ValidationError(
            {name: _("At most %(limit)d characters.") % {"limit": limit} for name, limit in too_long.items()}
        )
