"""Names of files, in any script."""

import re
import unicodedata
from pathlib import PurePosixPath

from config.files.detection import IMAGES, TYPES

LONGEST = 200  # characters; a name needs room for another ending
# What has no place in a name: control characters, line separators, lone surrogates, and the marks that turn the
# direction of writing, with which "gpj.exe" reads as "exe.jpg". Joiners stay: Persian and Hindi words need them.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


def clean_name(name: str, media_type: str) -> str:
    """Return a name that is safe in a header and in a folder, with an ending that fits what the file is."""
    name = _UNWANTED.sub("", unicodedata.normalize("NFC", name))
    name = re.split(r"[/\\]", name)[-1].strip(" .")
    path = PurePosixPath(name)
    suffixes = TYPES[media_type].suffixes if media_type in TYPES else (".bin",)
    if path.suffix.lower() in suffixes:
        stem, suffix = path.stem, path.suffix
    else:
        was_picture = any(path.suffix.lower() in TYPES[one].suffixes for one in IMAGES)
        stem, suffix = path.stem if was_picture and media_type in IMAGES else name, suffixes[0]
    return (stem[:LONGEST].strip(" .") or "file") + suffix
