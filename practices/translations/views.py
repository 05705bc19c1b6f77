"""Translating, and approving what was translated."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.countries import CONTENT_LANGUAGES, language_name
from config.kit.forms import add_errors, render_form
from config.kit.numbers import whole_number
from members.accounts.requests import PersonRequest
from practices.editorial.diff import diff_texts
from practices.library.models import Publication
from practices.translations import services
from practices.translations.forms import LanguageForm, TranslationForm
from practices.translations.models import Translation
from practices.translations.texts import label_of, source_texts, stale_names


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
    initial = dict(translation.texts) | {"origin": translation.origin} if translation else {"origin": "human"}
    form = TranslationForm(request.POST or None, publication=publication, language=language, initial=initial)
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
    context = {
        "publication": publication,
        "translation": translation,
        "language": language,
        "language_name": language_name(language),
        "form": form,
        "stale_save": stale,
        "changes": _what_changed(publication, translation) if translation else [],
        "may_approve": translation is not None
        and not translation.is_approved
        and request.user.has_perm("translations.approve_translation", translation),
    }
    invalid = bool(form.errors) or stale is not None
    return render_form(request, "practices/translations/translation_edit.html", context, invalid=invalid)


@require_POST
def translation_approve(request: PersonRequest, pk: int, language: str) -> HttpResponse:
    publication = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    visible = Translation.objects.visible_to(request.user).select_related(
        "publication__owner_member__office", "publication__owner_office__parent"
    )
    translation = get_object_or_404(visible, publication=publication, language=language)
    try:
        services.approve_translation(
            translation=translation, edition=whole_number(request.POST.get("edition", "")), by=request.user
        )
    except services.StaleTranslationError:
        messages.warning(request, _("Somebody saved a newer text meanwhile. Please look at it and decide again."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Readers see it now."))
    return redirect("translations:translation_edit", pk, language)


def _get_publication(request: PersonRequest, pk: int) -> Publication:
    readable = Publication.objects.visible_to(request.user).select_related(
        "owner_member__office", "owner_office__parent", "practice", "project"
    )
    publication: Publication = get_object_or_404(readable, pk=pk)
    if not request.user.has_perm("translations.translate_publication", publication):
        raise PermissionDenied
    return publication


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
