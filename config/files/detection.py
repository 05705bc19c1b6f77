"""What a file is, by its bytes. Neither its name nor what the browser calls it is asked."""

import codecs
import csv
import re
from dataclasses import dataclass
from itertools import islice
from typing import Any
from zipfile import ZipFile

import filetype
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class FileType:
    """A sort of file. `suffixes` are the endings a name may have; the first is given to a name with another one."""

    media_type: str
    label: str | Promise
    suffixes: tuple[str, ...] = ()
    advice: str | Promise = ""  # what to do instead, for sorts that no room takes


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
TYPES = {
    one.media_type: one
    for one in (
        FileType("image/jpeg", "JPEG", (".jpg", ".jpeg")),
        FileType("image/png", "PNG", (".png",)),
        FileType("image/webp", "WebP", (".webp",)),
        FileType("image/gif", "GIF", (".gif",)),
        FileType("image/tiff", "TIFF", (".tif", ".tiff")),
        FileType("image/bmp", "BMP", (".bmp",)),
        FileType("application/pdf", "PDF", (".pdf",)),
        FileType(f"{_OOXML}wordprocessingml.document", "Word (DOCX)", (".docx",)),
        FileType(f"{_OOXML}spreadsheetml.sheet", "Excel (XLSX)", (".xlsx",)),
        FileType(f"{_OOXML}presentationml.presentation", "PowerPoint (PPTX)", (".pptx",)),
        FileType(f"{_ODF}text", "OpenDocument (ODT)", (".odt",)),
        FileType(f"{_ODF}spreadsheet", "OpenDocument (ODS)", (".ods",)),
        FileType(f"{_ODF}presentation", "OpenDocument (ODP)", (".odp",)),
        FileType("text/csv", "CSV", (".csv", ".tsv", ".txt")),
        FileType("text/plain", _("plain text"), (".txt", ".csv", ".tsv", ".md")),
    )
}
IMAGES = frozenset(name for name in TYPES if name.startswith("image/"))
DOCUMENTS = frozenset(TYPES) - IMAGES

# Sorts that no room takes, told apart only so that people read what they have there and what to do.
HTML = FileType("text/html", "HTML")
SVG = FileType("image/svg+xml", "SVG", advice=_("Please export the picture as PNG and upload that."))
XML = FileType("application/xml", "XML")
HEIC = FileType("image/heic", "HEIC", advice=_("Please export the picture as JPEG and upload that."))
AVIF = FileType("image/avif", "AVIF", advice=HEIC.advice)
ARCHIVE = FileType("application/zip", _("ZIP archive"))
MACROS = FileType(
    "application/x-office-macros", _("office file with macros"), advice=_("Please save it without macros.")
)
OLD_OFFICE = FileType(
    "application/x-ole-storage", _("office file of the old kind (DOC, XLS, PPT)"),
    advice=_("Please save it as DOCX, XLSX, PPTX or PDF."),
)  # fmt: skip
OTHER_TEXT = FileType(
    "application/x-other-text", _("text in another encoding than UTF-8"),
    advice=_("Please save it as UTF-8; Excel calls this “CSV UTF-8”."),
)  # fmt: skip
UNKNOWN = FileType("application/octet-stream", _("unknown"))

HEAD = 8192  # bytes; no signature lies deeper
LOOKED_AT = 4096  # characters of a text in which a browser might find a page
LARGEST_MEMBER = 1_000_000  # bytes that are unpacked of an archive
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_SVG = re.compile(r"<svg[\s>]", re.IGNORECASE)
_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|script|iframe|style|meta|form|img|object|embed)[\s>/]", re.IGNORECASE
)
_XML = re.compile(r"\s*<(?:\?xml|!doctype|!--|[a-z][\w:.-]*[\s>/])", re.IGNORECASE)
_FAMILIES = {
    b"heic": HEIC, b"heix": HEIC, b"heim": HEIC, b"heis": HEIC, b"hevc": HEIC, b"hevx": HEIC, b"mif1": HEIC,
    b"msf1": HEIC, b"avif": AVIF, b"avis": AVIF,
}  # fmt: skip


def detect(file: "UploadedFile[Any]") -> FileType:
    """Return what `file` is. It is read from its start, whatever its position, and left at its start."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    found = _detect(file, head)
    file.seek(0)
    return found


def _detect(file: "UploadedFile[Any]", head: bytes) -> FileType:
    # Signatures count only at the very start: something in front makes a file that is two things at once.
    if head.startswith(b"%PDF-"):
        return TYPES["application/pdf"]
    if head.startswith(b"PK\x03\x04"):
        return _in_archive(file)
    if (start := _start_of_text(file)) is not None:
        return _sort_of_text(start)
    return _by_signature(head)


def _by_signature(head: bytes) -> FileType:
    if head[4:8] == b"ftyp" and head[8:12] in _FAMILIES:
        return _FAMILIES[head[8:12]]
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return OLD_OFFICE
    guess = filetype.guess(head)
    if guess is None:
        return OTHER_TEXT if _may_be_text(head) else UNKNOWN
    return TYPES.get(guess.mime) or FileType(guess.mime, f"{guess.extension.upper()} ({guess.mime})")


def _start_of_text(file: "UploadedFile[Any]") -> str | None:
    """Return the first characters of a text in UTF-8, all of which is read; None where it is no such text."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    start = ""
    try:
        for chunk in file.chunks():
            text = decoder.decode(chunk)
            if _CONTROL.search(text):
                return None
            start += text[: max(0, LOOKED_AT - len(start))]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return start


def _sort_of_text(start: str) -> FileType:
    if _SVG.search(start):
        return SVG
    if _HTML.search(start):
        return HTML
    if _XML.match(start):
        return XML
    return TYPES["text/csv" if _is_table(start) else "text/plain"]


def _is_table(start: str) -> bool:
    """Whether the lines have equally many cells, two or more. The last line may be cut off and is left out."""
    lines = start.splitlines()[: -1 if len(start) == LOOKED_AT else None]
    for delimiter in ",;\t":
        try:
            rows = [row for row in islice(csv.reader(lines, delimiter=delimiter), 50) if row]
        except csv.Error:
            continue
        if len(rows) > 1 and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1:
            return True
    return False


def _may_be_text(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return not _CONTROL.search(head.decode("latin-1"))


def _in_archive(file: "UploadedFile[Any]") -> FileType:
    """Return which office file a ZIP archive is, if it is one."""
    try:
        with ZipFile(file) as archive:
            names = archive.namelist()
            written = _member(archive, "mimetype").decode("latin-1").strip()
            parts = _member(archive, "[Content_Types].xml").decode("utf-8", "replace")
    except Exception:  # noqa: BLE001 - zipfile raises a dozen kinds for archives that are broken, locked or strange
        return ARCHIVE
    if "macroEnabled" in parts or any(_is_macro(name) for name in names):
        return MACROS
    if written.startswith(_ODF):
        return TYPES.get(written, ARCHIVE)
    for media_type, found in TYPES.items():
        if media_type.startswith(_OOXML) and f'"{media_type}.main+xml"' in parts:
            return found
    return ARCHIVE


def _is_macro(name: str) -> bool:
    return name.lower().endswith("vbaproject.bin") or name.startswith(("Basic/", "Scripts/"))


def _member(archive: Any, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    with archive.open(name) as member:
        data: bytes = member.read(LARGEST_MEMBER)
        return data
