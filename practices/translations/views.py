"""Translating, and approving what was translated."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from config.kit.countries import CONTENT_LANGUAGES, language_name
from config.kit.forms import add_errors, render_form
from config.kit.numbers import whole_number
from members.accounts.requests import PersonRequest
from practices.editorial.diff import diff_texts
from practices.editorial.forms import ReasonForm
from practices.library.models import Publication
from practices.translations import services
from practices.translations.forms import LanguageForm, TranslationForm
from practices.translations.models import Translation
from practices.translations.texts import label_of, source_texts, stale_names

NEWER = gettext_lazy("Somebody saved a newer text meanwhile. Please look at it and decide again.")


def translation_begin(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask for the language of a new translation."""
    publication = _get_publication(request, pk)
    form = LanguageForm(request.GET or None, publication=publication)
    if form.is_bound and form.is_valid():
        return redirect("translations:translation_edit", pk, form.cleaned_data["language"])
    context = {"publication": publication, "form": form}
    return render_form(request, "practices/translations/translation_begin.html", context, invalid=form.is_bound)


def translation_edit(request: PersonRequest, pk: int, language: str) -> HttpResponse:
    """Translate beside the original; see what changed in it since; approve."""
    publication = _get_publication(request, pk)
    if language not in CONTENT_LANGUAGES or language == publication.language:
        raise Http404
    translation = Translation.objects.filter(publication=publication, language=language).first()
    form = _form_of(translation or Translation(publication=publication, language=language), request.POST or None)
    stale: list[tuple[str, object]] | None = None
    if form.is_bound and form.is_valid():
        try:
            services.save_translation(
                publication=publication, language=language, texts=form.texts(), origin=form.cleaned_data["origin"],
                edition=whole_number(request.POST.get("edition", "")), by=request.user,
            )  # fmt: skip
        except services.StaleTranslationError as error:
            translation = error.translation
            stale = _what_others_wrote(publication, translation, form.texts())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved. Readers see it once it is approved."))
            return redirect("translations:translation_edit", pk, language)
    return _show(request, publication, language, translation=translation, form=form, stale_save=stale)


@require_POST
def translation_approve(request: PersonRequest, pk: int, language: str) -> HttpResponse:
    translation = _get_translation(request, pk, language)
    try:
        services.approve_translation(
            translation=translation, edition=whole_number(request.POST.get("edition", "")), by=request.user
        )
    except services.StaleTranslationError:
        messages.warning(request, NEWER)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Readers see it now."))
    return redirect("translations:translation_edit", pk, language)


@require_POST
def translation_send_back(request: PersonRequest, pk: int, language: str) -> HttpResponse:
    translation = _get_translation(request, pk, language)
    if not request.user.has_perm("translations.approve_translation", translation):
        raise PermissionDenied
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            services.send_back_translation(
                translation=translation, edition=whole_number(request.POST.get("edition", "")), by=request.user,
                **form.cleaned_data,
            )  # fmt: skip
        except services.StaleTranslationError:
            messages.warning(request, NEWER)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Sent back. Whoever made it gets the reason by e-mail."))
        return redirect("translations:translation_edit", pk, language)
    publication = translation.publication
    return _show(request, publication, language, translation=translation, form=_form_of(translation), reason_form=form)


def _show(
    request: PersonRequest,
    publication: Publication,
    language: str,
    *,
    translation: Translation | None,
    form: TranslationForm,
    stale_save: list[tuple[str, object]] | None = None,
    reason_form: ReasonForm | None = None,
) -> HttpResponse:
    context = {
        "publication": publication,
        "translation": translation,
        "language": language,
        "language_name": language_name(language),
        "form": form,
        "stale_save": stale_save,
        "changes": _what_changed(publication, translation) if translation else [],
        "may_decide": translation is not None
        and not translation.is_approved
        and request.user.has_perm("translations.approve_translation", translation),
        "reason_form": reason_form or ReasonForm(),
    }
    invalid = bool(form.errors) or stale_save is not None or reason_form is not None
    return render_form(request, "practices/translations/translation_edit.html", context, invalid=invalid)


def _get_translation(request: PersonRequest, pk: int, language: str) -> Translation:
    visible = Translation.objects.visible_to(request.user).select_related(
        "publication__owner_member__office", "publication__owner_office__parent", "publication__practice",
        "publication__project", "saved_by", "sent_back_by",
    )  # fmt: skip
    found: Translation = get_object_or_404(visible, publication=pk, language=language)
    return found


def _get_publication(request: PersonRequest, pk: int) -> Publication:
    readable = Publication.objects.visible_to(request.user).select_related(
        "owner_member__office", "owner_office__parent", "practice", "project"
    )
    publication: Publication = get_object_or_404(readable, pk=pk)
    if not request.user.has_perm("translations.translate_publication", publication):
        raise PermissionDenied
    return publication


def _form_of(translation: Translation, typed: QueryDict | None = None) -> TranslationForm:
    return TranslationForm(
        typed,
        publication=translation.publication,
        language=translation.language,
        initial=translation.texts | {"origin": translation.origin},
    )


def _what_changed(publication: Publication, translation: Translation) -> list[tuple[str, object]]:
    """Return (label, text with its changes marked) of what the original says otherwise since it was translated."""
    now = source_texts(publication)
    return [
        (label_of(name, publication), diff_texts(translation.source.get(name, ""), now.get(name, "")))
        for name in stale_names(translation.source, publication)
    ]


def _what_others_wrote(
    publication: Publication, translation: Translation, typed: dict[str, str]
) -> list[tuple[str, object]]:
    return [
        (label_of(name, publication), translation.texts.get(name, ""))
        for name, text in typed.items()
        if translation.texts.get(name, "") != text.strip()
    ]
