"""What was uploaded: the same bytes are kept once, under the name of their SHA-256."""

from typing import ClassVar

from django.db import models


class Blob(models.Model):
    """The bytes of one or more files. Whose they are and who may read them, the rooms that point here know."""

    sha256 = models.CharField(max_length=64, unique=True)  # of the bytes as kept, in hexadecimal digits
    size = models.PositiveBigIntegerField()  # bytes
    media_type = models.CharField(max_length=100)  # found out from the bytes
    width = models.PositiveIntegerField(null=True, blank=True)  # pixels, of images
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="files_sha256_in_hex", condition=models.Q(sha256__regex="^[0-9a-f]{64}$"))
        ]

    def __str__(self) -> str:
        return self.sha256

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")
