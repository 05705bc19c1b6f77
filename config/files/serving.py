"""Sending a file to a browser that must not take it for anything else than it is.

The caller has checked that the reader may have it.
"""

import logging
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from config.files import places
from config.files.models import Blob
from config.files.names import clean_name

logger = logging.getLogger(__name__)
# Only pictures that were made here are shown in the page's own origin. A sandbox keeps Chrome from showing a PDF at
# all, so PDFs are downloaded like every other document.
INLINE = frozenset({"image/jpeg", "image/webp"})
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # A browser may keep it but has to ask each time, since the right to read it may end.
    "Cache-Control": "private, no-cache",
}


def serve_blob(request: HttpRequest, blob: Blob, *, name: str, small: bool = False) -> HttpResponseBase:
    """Return the bytes of `blob` under `name`, or 304 where the browser has them already.

    Args:
        small: the small size of a picture; other files have one size.
    """
    small = small and blob.is_image
    path = places.place_of(blob.sha256, small=small)
    etag = f'"{blob.sha256}{"-small" * small}"'
    response = get_conditional_response(request, etag=etag) or _whole(path, blob)
    for header, value in HEADERS.items():
        response.headers[header] = value
    response.headers["ETag"] = etag
    if response.status_code == 200:
        name = clean_name(name, blob.media_type)
        disposition = content_disposition_header(blob.media_type not in INLINE, name)
        response.headers["Content-Disposition"] = disposition or "inline"
    return response


def _whole(path: Path, blob: Blob) -> HttpResponseBase:
    content_type = f"{blob.media_type}; charset=utf-8" if blob.media_type.startswith("text/") else blob.media_type
    if settings.X_ACCEL_PREFIX:
        inside = quote(str(path.relative_to(settings.MEDIA_ROOT)))
        return HttpResponse(headers={"X-Accel-Redirect": settings.X_ACCEL_PREFIX + inside}, content_type=content_type)
    try:
        return FileResponse(path.open("rb"), content_type=content_type)
    except FileNotFoundError:
        logger.exception("The bytes of blob %s are missing", blob.pk)
        raise Http404 from None
