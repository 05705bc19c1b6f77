"""Adding files to a publication. A photo or document row then points to the file; readers see it once that is published."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from config.files.detection import DOCUMENTS, IMAGES
from config.files.names import clean_name
from config.files.services import store_upload
from members.accounts.models import User
from practices.library.models import File, Publication
from practices.library.services import record_act

MOST_FILES = 60  # a publication
# What may be uploaded for the field of a publication.
ALLOWED = {"photos": IMAGES, "documents": IMAGES | DOCUMENTS}


@transaction.atomic
def add_file(*, publication: Publication, upload: "UploadedFile[Any]", field: str, by: User) -> File:
    """Keep an uploaded file for a publication; the same file under the same name is the one that is there.

    Args:
        field: a key of `ALLOWED`.

    Raises:
        PermissionDenied: `by` does not write for the owner.
        ValidationError: the publication is archived or has too many files, or the file cannot be kept. The text
            says which.
    """
    if not by.has_perm("library.change_publication", publication):
        raise PermissionDenied
    # One upload after the other, so that the limit holds.
    publication = Publication.objects.select_for_update(of=("self",), no_key=True).get(pk=publication.pk)
    if publication.state == Publication.State.ARCHIVED:
        raise ValidationError(_("This is archived. Lists do not show it."))
    blob = store_upload(upload=upload, allowed=ALLOWED[field])
    name = clean_name(upload.name or "", blob.media_type)
    if found := File.objects.filter(publication=publication, blob=blob, name=name).first():
        there: File = found
        return there
    if publication.files.count() >= MOST_FILES:
        raise ValidationError(
            _("There are %(limit)d files already, and no more are possible."), params={"limit": MOST_FILES}, code="many"
        )
    file = File(publication=publication, blob=blob, name=name, uploaded_by=by)
    file.full_clean()
    file.save()
    record_act(publication, "file_added", by=by, details={"file": file.pk, "name": file.name})
    return file
