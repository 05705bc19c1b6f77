"""In which language a reader reads a publication."""

from collections.abc import Iterable

from django.http import HttpRequest

from practices.library.models import Publication
from practices.library.pages import Reading
from practices.library.whole import has_none
from practices.translations.models import Translation


def choose_reading(request: HttpRequest, publication: Publication) -> Reading | None:
    """Return the translation that `?lang=` names, or one that the reader reads where they do not read the original.

    None stands for the original. One that has not been approved, or that the original has left behind, is not chosen
    by itself, but whoever may see it can ask for it.
    """
    found = read_translations(request, publication)
    translation = choose_translation(request, publication, found)
    return Reading(language=translation.language, texts=translation.texts) if translation else None


def read_translations(request: HttpRequest, publication: Publication) -> list[Translation]:
    """Return the translations that the reader may see, by language; read once a request."""
    if has_none(publication, Translation):
        return []
    kept: tuple[object, list[Translation]] | None = getattr(publication, "_translations", None)
    if kept is None or kept[0] is not request:
        found = Translation.objects.visible_to(request.user).filter(publication=publication).order_by("language")
        kept = (request, list(found))
        publication._translations = kept  # type: ignore[attr-defined]  # noqa: SLF001
    return kept[1]


def choose_translation(
    request: HttpRequest, publication: Publication, found: Iterable[Translation]
) -> Translation | None:
    """Return which of the translations that a reader may see is shown to them; None for the original."""
    asked = request.GET.get("lang", "")
    if asked == publication.language:
        return None
    by_language = {one.language: one for one in found}
    if asked:
        return by_language.get(asked)
    read = [request.user.language, *request.user.languages_read] if request.user.is_authenticated else []
    if publication.language in read:
        return None
    return next((by_language[one] for one in read if one in by_language and by_language[one].is_approved), None)
