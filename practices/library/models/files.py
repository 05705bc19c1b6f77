"""Files that belong to a publication. Their bytes are kept by `config.files`, the same bytes once."""

from typing import ClassVar

from django.db import models
from django.urls import reverse

from config.files.models import Blob
from members.accounts.models import User
from practices.library.models.publications import Publication
from practices.library.querysets import FileQuerySet


class File(models.Model):
    """One uploaded file of a publication, under the name it came with. Photo and document rows point to it."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    uploaded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[FileQuerySet] = FileQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "blob", "name"], name="library_file_once_a_publication")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("library:file_download", args=[self.pk])
