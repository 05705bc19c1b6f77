"""The public pages, for search engines (sitemaps.org)."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap

from practices.library.models import Publication
from practices.sharing.public import public_path, public_publications


class PublicSitemap(Sitemap[Publication]):
    """One line a public publication. A file may hold 50,000 of them; `?p=2` has the next."""

    limit = 50_000
    protocol = urlsplit(settings.BASE_URL).scheme

    def items(self) -> Any:
        return public_publications().only("pk", "title", "kind", "updated_at")

    def location(self, item: Publication) -> str:
        return public_path(item)

    def lastmod(self, item: Publication) -> datetime | None:
        return item.updated_at

    def get_domain(self, site: Any = None) -> str:  # noqa: ARG002 - Django's name
        """Return the host that people type, whichever name the request came by."""
        return urlsplit(settings.BASE_URL).netloc
