"""Taking uploads in: never more of one on disk or in memory than any room would keep."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from config.files.services import MB, too_large

TOO_LARGE = "talkoo.upload_too_large"


class LimitHandler(FileUploadHandler):
    """Stands before Django's handlers. What is too large is read to its end and dropped, the rest of the form kept.

    So the person reads on their own page what was wrong, and a token that comes after the file still counts.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > largest_of_all():
            if self.request is not None:
                self.request.META[TOO_LARGE] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> Any:  # noqa: ARG002 - the handlers behind make the file
        return None


def largest_of_all() -> int:
    """Return how many bytes the largest possible upload has."""
    return max(settings.MAX_IMAGE_MB, settings.MAX_DOCUMENT_MB) * MB


def read_upload(request: HttpRequest, name: str = "file") -> "UploadedFile[Any]":
    """Return the file that a form sent under `name`.

    Raises:
        ValidationError: there is none, or it was too large to be taken in.
    """
    upload = request.FILES.get(name)
    if isinstance(upload, UploadedFile):
        return upload
    if TOO_LARGE in request.META:
        raise too_large(largest_of_all())
    raise ValidationError(_("Please choose a file."), code="missing")
