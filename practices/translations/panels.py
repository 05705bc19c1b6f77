"""Which languages there are of a publication, which one this is, and the way to another or a new one."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from practices.library.models import Publication
from practices.translations.reading import choose_translation, read_translations
from practices.translations.texts import stale_names


def draw_languages(request: HttpRequest, publication: Publication) -> str:
    """Draw the switch between languages; nothing where there is only the original and one may not translate."""
    found = read_translations(request, publication)
    may_translate = request.user.has_perm("translations.translate_publication", publication)
    if not found and not may_translate:
        return ""
    current = choose_translation(request, publication, found)
    context = {
        "publication": publication,
        "translations": found,
        "current": current,
        "is_stale": current is not None and bool(stale_names(current.source, publication)),
        "may_translate": may_translate,
    }
    return render_to_string("practices/translations/languages.html", context, request)
