"""Taking uploads in: never more of one on disk or in memory than any room would keep."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

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


def read_uploads(request: HttpRequest, name: str) -> "list[UploadedFile[Any]]":
    """Return the files that a form sent under `name`."""
    return [one for one in request.FILES.getlist(name) if isinstance(one, UploadedFile)]


def check_all_came(request: HttpRequest) -> None:
    """Check that no file of a form was dropped on the way in.

    Raises:
        ValidationError: one was too large to be taken in.
    """
    if TOO_LARGE in request.META:
        raise too_large(largest_of_all())
