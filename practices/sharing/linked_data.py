"""A publication as linked data: schema.org in JSON-LD. It says no more than the public page does."""

from typing import Any

from django.conf import settings

from config.outbox.rendering import absolute_url
from members.directory.models import Member
from practices.library.models import Publication
from practices.library.pages import place_name
from practices.sharing.public import public_photos, public_url

Licence = Publication.Licence
LICENCES = {
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Licence.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Licence.CC0: "https://creativecommons.org/publicdomain/zero/1.0/",
}


def linked_data(publication: Publication) -> dict[str, Any]:
    """Return the object; what is not known is left out.

    Args:
        publication: published; fetched with `with_cards` and `with_page`.
    """
    public = publication.is_public
    url = public_url(publication) if public else absolute_url(publication.get_absolute_url())
    owner = publication.owner
    kind = "GovernmentOrganization" if isinstance(owner, Member) else "Organization"
    data = {
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": url,
        "url": url,
        "headline": publication.title,
        "abstract": publication.summary,
        "inLanguage": publication.language,
        "author": {"@type": kind, "name": owner.name},
        "publisher": {"@type": "Organization", "name": settings.NETWORK_NAME},
        "about": [{"@type": "DefinedTerm", "termCode": one.code, "name": one.label("en")}
                  for one in (*publication.pathways.all(), *publication.topics.all())],
        "spatialCoverage": _place(publication),
        "license": LICENCES.get(Licence(publication.text_licence)) if publication.text_licence else None,
        "isBasedOn": publication.source_url,
        "datePublished": publication.published_at.isoformat() if publication.published_at else None,
        "dateModified": publication.updated_at.isoformat() if publication.updated_at else None,
        "version": publication.version,
        "isAccessibleForFree": public,
        "image": [absolute_url(photo.file.get_absolute_url()) for photo in public_photos(publication)]
        if public else None,
    }  # fmt: skip
    return {name: value for name, value in data.items() if value not in ("", None, [])}


def _place(publication: Publication) -> dict[str, Any]:
    place: dict[str, Any] = {
        "@type": "Place",
        "name": place_name(publication),
        "address": {"@type": "PostalAddress", "addressCountry": publication.country},
    }
    if publication.latitude is not None and publication.longitude is not None:
        place["geo"] = {
            "@type": "GeoCoordinates", "latitude": publication.latitude, "longitude": publication.longitude,
        }  # fmt: skip
    return place
