"""My data: everything that is known of a person, as a ZIP of JSON files and what they have uploaded."""

import json
import shutil
import zipfile
from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from members.accounts.models import User
from members.accounts.personal_data import personal_files, personal_parts

FORMAT = "talkoo-person/1"


def make_personal_archive(*, user: User, by: User) -> IO[bytes]:
    """Return a temporary file with the ZIP, at its beginning; the caller closes it. Rows are written as they are read.

    Raises:
        PermissionDenied: `by` is somebody else.
    """
    if by != user:
        raise PermissionDenied
    made = TemporaryFile()  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        counts = {name: _write(archive, f"{name}.json", read(user)) for name, read in personal_parts().items()}
        files = []
        for folder, read_files in personal_files().items():
            for name, path in read_files(user):
                if path.is_file():
                    place = f"{folder}/{name}"
                    with path.open("rb") as source, archive.open(zipfile.ZipInfo(place), "w", force_zip64=True) as to:
                        shutil.copyfileobj(source, to)
                    files.append(place)
        manifest = {
            "format": FORMAT,
            "network": settings.NETWORK_NAME,
            "made_at": timezone.now(),
            "rows": counts,
            "files": files,
        }
        archive.writestr("manifest.json", json.dumps(manifest, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
    made.seek(0)
    return made


def _write(archive: zipfile.ZipFile, name: str, rows: Iterable[dict[str, Any]]) -> int:
    """Write `rows` as a JSON list, one after the other; return how many there were."""
    number = 0
    with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target:
        target.write(b"[")
        for row in rows:
            text = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)
            target.write(("\n" if not number else ",\n").encode() + text.encode())
            number += 1
        target.write(b"\n]\n")
    return number
