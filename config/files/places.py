"""Where bytes lie: MEDIA_ROOT/blobs/ab/abcdef…, the small picture beside the large one."""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import connection

SMALL = ".small"
TEMPORARY = ".tmp-"
LOCKS = 7_238_002  # first key of the advisory locks, one for each SHA-256


def blobs_folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "blobs"


def place_of(sha256: str, *, small: bool = False) -> Path:
    return blobs_folder() / sha256[:2] / (sha256 + SMALL * small)


def lock(sha256: str) -> None:
    """Keep others off these bytes and their row until the transaction ends.

    So the sweeper never deletes what an upload that is not committed yet has found or written.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, int(sha256[:7], 16)])


def write(path: Path, data: bytes) -> None:
    """Write a file that is either whole or not there. The web server's group may read it."""
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o640)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
