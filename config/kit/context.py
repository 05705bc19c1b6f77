"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, object]:
    """Return the name of the network and the languages of the interface."""
    return {"network_name": settings.NETWORK_NAME, "interface_languages": settings.LANGUAGES}
