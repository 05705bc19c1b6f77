"""What a file is, is found in its bytes, whatever it is called."""

import pytest

from config.files.detection import detect
from config.files.names import clean_name
from tests.uploads import ODF, OOXML, PDF, archive, drawing, odf, ooxml, photo, upload, written

HTML, SVG, XML = "text/html", "image/svg+xml", "application/xml"
ZIP, MACROS, UNKNOWN = "application/zip", "application/x-office-macros", "application/octet-stream"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (photo(), "image/jpeg"),
        *((written(drawing(), kind), f"image/{kind.lower()}") for kind in ("PNG", "WEBP", "GIF", "TIFF", "BMP")),
        (PDF, "application/pdf"),
        (ooxml("wordprocessingml.document"), f"{OOXML}wordprocessingml.document"),
        (ooxml("spreadsheetml.sheet"), f"{OOXML}spreadsheetml.sheet"),
        (ooxml("presentationml.presentation"), f"{OOXML}presentationml.presentation"),
        (odf("text"), f"{ODF}text"),
        (odf("spreadsheet"), f"{ODF}spreadsheet"),
        (odf("presentation"), f"{ODF}presentation"),
        ("Населба;Жители\nЧаир;64773\n".encode(), "text/csv"),
        (b"\xef\xbb\xbfcity,people\r\nLahti,120000\r\n", "text/csv"),
        (b'a\tb\n"1\n2"\t3\n', "text/csv"),
        ("Hyvää päivää, maailma.\nToinen rivi.".encode(), "text/plain"),
        (b"BMW and BM, and II* too", "text/plain"),
        (b"5 < 6 and <3 too", "text/plain"),
        (b"\xef\xbb\xbf", "text/plain"),
    ],
)
def test_type_is_found_in_the_bytes(data, found):
    assert detect(upload(data, "page.html")).media_type == found


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"<!DOCTYPE html><title>x</title>", HTML),
        (b"\xef\xbb\xbf  \n<!-- hello --><HTML>", HTML),
        (b"Just a note\n" * 20 + b"<script>alert(1)</script>", HTML),
        (b"<img/src=x onerror=alert(1)>", HTML),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', SVG),
        (b'<?xml version="1.0"?>\n<!-- a picture -->\n<SVG\nwidth="1"/>', SVG),
        (b'<?xml version="1.0"?><note/>', XML),
        (b"<note>Text</note>", XML),
        (archive({"a.txt": "a"}), ZIP),
        (archive({"mimetype": f"{ODF}formula"}), ZIP),
        (archive({"mimetype": "text/html", "index.html": "<html>"}), ZIP),
        (ooxml("wordprocessingml.template"), ZIP),
        (odf("text")[:60], ZIP),
        (b"PK\x03\x04" + b"\x00" * 100, ZIP),
        (ooxml("wordprocessingml.document", **{"word/vbaProject.bin": "x"}), MACROS),
        (archive({"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"}), MACROS),
        (odf("text", **{"Basic/Standard/script.xml": "x"}), MACROS),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00avifmif1", "image/avif"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "application/x-ole-storage"),
        ("Straße;1\nAllee;2\n".encode("latin-1"), "application/x-other-text"),
        ("a\tb".encode("utf-16"), "application/x-other-text"),
        (b"MZ\x90\x00" + b"\x00" * 60, "application/x-msdownload"),
        (b"\x00\x01\x02\x03" * 10, UNKNOWN),
        (b"\xff\xfe\xfa" + bytes(range(9)), "application/x-other-text"),
        (b"\x1b\x00text", UNKNOWN),
        # Two things at once: what stands in front counts.
        (b"<html>" + PDF, HTML),
        (b"<script>/*" + odf("text"), UNKNOWN),
        (b"a note\n" + PDF, "text/plain"),
    ],
)
def test_what_no_room_takes_is_told_apart(data, found):
    assert detect(upload(data, "picture.png")).media_type == found


def test_page_behind_a_signature_stays_what_the_signature_says():
    assert detect(upload(written(drawing(), "PNG") + b"<script>alert(1)</script>")).media_type == "image/png"
    assert detect(upload(PDF + b"<script>alert(1)</script>")).media_type == "application/pdf"


def test_file_is_left_at_its_start():
    file = upload(PDF)
    file.seek(5)
    assert detect(file).media_type == "application/pdf"
    assert file.read() == PDF


def test_large_text_is_read_whole():
    text = b"All is well.\n" * 20_000
    assert detect(upload(text)).media_type == "text/plain"
    assert detect(upload(text + b"\x00")).media_type == "application/x-other-text"


@pytest.mark.parametrize(
    ("name", "media_type", "cleaned"),
    [
        ("Kaupunginhallituksen päätös.pdf", "application/pdf", "Kaupunginhallituksen päätös.pdf"),
        ("План за градот.PDF", "application/pdf", "План за градот.PDF"),
        ("計画書", "application/pdf", "計画書.pdf"),
        ("می\u200cخواهم.pdf", "application/pdf", "می\u200cخواهم.pdf"),
        ("photo.png", "image/jpeg", "photo.jpg"),
        ("IMG_1.JPEG", "image/jpeg", "IMG_1.JPEG"),
        ("v1.2 map", "image/webp", "v1.2 map.webp"),
        ("evil.html", "text/plain", "evil.html.txt"),
        ("list.csv", "text/plain", "list.csv"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\x\\plan.pdf", "application/pdf", "plan.pdf"),
        ("a\r\nSet-Cookie: x=1\x00.pdf", "application/pdf", "aSet-Cookie: x=1.pdf"),
        ("invoice\u202efdp.exe", "application/pdf", "invoicefdp.exe.pdf"),
        (" .. ", "application/pdf", "file.pdf"),
        (".pdf", "application/pdf", "pdf.pdf"),
        ("", "application/x-strange", "file.bin"),
        ("e\u0301t\u0301e".replace("t\u0301", "t"), "text/plain", "éte.txt"),
        ("ä" * 300 + ".pdf", "application/pdf", "ä" * 200 + ".pdf"),
    ],
)
def test_names_are_kept_in_any_script_and_made_safe(name, media_type, cleaned):
    assert clean_name(name, media_type) == cleaned
    assert clean_name(cleaned, media_type) == cleaned
