"""What everybody may read without signing in: what a member chose to show, and no more than that.

The page of a reader in the network says more: what went wrong, who the contact is for now, who uses it. The public
pages have templates of their own, so that what is added there does not appear here by itself.
"""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.text import slugify

from config.outbox.rendering import absolute_url
from practices.library.models import Photo, Publication
from practices.library.pages import Reading, Translated, article_context
from practices.library.querysets import PublicationQuerySet
from practices.translations.models import Translation
from practices.translations.texts import stale_names

# What a public page does not hold. The form promises that the first stays in the network; the second is a person.
INSIDE = ("what_went_wrong", "contact_person")
FACTS = ("level", "climate", "licence")


def public_publications() -> PublicationQuerySet:
    """Return what is published and shown to the public, the newest first."""
    return Publication.objects.published().filter(is_public=True).order_by("-published_at", "-pk")


def public_slug(publication: Publication) -> str:
    """Return the words of the address. The number before them is what counts, so the title may change."""
    return slugify(publication.title, allow_unicode=True) or publication.kind


def public_path(publication: Publication) -> str:
    return reverse("sharing:public_detail", args=[publication.pk, public_slug(publication)])


def public_url(publication: Publication, translation: Translation | None = None) -> str:
    """Return the full address of the public page, in the original or in a translation."""
    return absolute_url(public_path(publication)) + (f"?lang={translation.language}" if translation else "")


def public_translations(publication: Publication) -> list[Translation]:
    """Return the translations that everybody may read: approved, and of what the original says today."""
    approved = Translation.objects.approved().filter(publication=publication).order_by("language")
    return [one for one in approved if not stale_names(one.source, publication)]


def public_photos(publication: Publication) -> list[Photo]:
    """Return the photos that may be shown outside the network."""
    inside = Publication.Licence.NETWORK
    return [photo for photo in publication.photos.all() if photo.licence != inside]


def public_context(publication: Publication, language: str = "") -> dict[str, Any] | None:
    """Return the context of `public_article.html`, and of the data for other sites about it.

    Args:
        language: that of a public translation, or empty for the original; where there is none, None is returned.
    """
    translations = public_translations(publication)
    current = next((one for one in translations if one.language == language), None)
    if language and current is None:
        return None
    context: Any = article_context(publication)
    photos = public_photos(publication)
    reading = current and Reading(language=current.language, texts=current.texts)
    shown_in = language or publication.language
    return {
        "publication": Translated(publication, reading) if reading else publication,
        "shown_in": shown_in,
        "translation": current,
        # Each language that it can be read in, and where; the original first.
        "languages": [
            (one.language if one else publication.language, public_url(publication, one))
            for one in (None, *translations)
        ],
        "original_url": public_url(publication),
        "photos": photos,
        "facts": {name: context["facts"][name] for name in FACTS},
        "bars": context["bars"],
        "place": context["place"],
        "url": public_url(publication, current),
        "image": absolute_url(photos[0].file.get_absolute_url()) if photos else "",
        "image_alt": photos[0].alt if photos else "",
        "locale": f"{shown_in.partition('-')[0]}_{publication.country}",
        "site_name": settings.NETWORK_NAME,
    }
