"""In which language a reader reads a publication."""

from django.http import HttpRequest

from practices.library.models import Publication
from practices.library.pages import Reading
from practices.translations.models import Translation


def choose_reading(request: HttpRequest, publication: Publication) -> Reading | None:
    """Return the translation that `?lang=` names, or one that the reader reads where they do not read the original.

    None stands for the original. One that has not been approved, or that the original has left behind, is not chosen
    by itself, but whoever may see it can ask for it.
    """
    asked = request.GET.get("lang", "")
    if asked == publication.language:
        return None
    found = {one.language: one for one in Translation.objects.visible_to(request.user).filter(publication=publication)}
    if asked:
        return _reading(found.get(asked))
    read = [] if not request.user.is_authenticated else [request.user.language, *request.user.languages_read]
    if publication.language in read:
        return None
    return next((_reading(found[one]) for one in read if one in found and found[one].is_approved), None)


def _reading(translation: Translation | None) -> Reading | None:
    return Reading(language=translation.language, texts=translation.texts) if translation else None
