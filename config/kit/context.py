"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language


def site(_request: HttpRequest) -> dict[str, object]:
    """Return the name of the network, the languages of the interface and the one in use."""
    return {
        "network_name": settings.NETWORK_NAME,
        "interface_languages": settings.LANGUAGES,
        "LANGUAGE_CODE": get_language(),
    }
