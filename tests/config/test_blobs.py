"""Uploads are kept once, whole, and only as long as somebody refers to them."""

import os
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from config.files import places, sweeping
from config.files.detection import DOCUMENTS, IMAGES
from config.files.models import Blob
from config.files.services import store_upload
from practices.library.models import File
from tests.factories import PublicationFactory
from tests.threads import at_once
from tests.uploads import PDF, drawing, ooxml, photo, upload, written

pytestmark = pytest.mark.django_db
EVERYTHING = IMAGES | DOCUMENTS
OLD = timedelta(hours=25)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Return an empty folder for what is uploaded."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def store(data, allowed=EVERYTHING, name="something"):
    return store_upload(upload=upload(data, name), allowed=allowed)


def refusal(data, allowed=EVERYTHING):
    with pytest.raises(ValidationError) as caught:
        store(data, allowed)
    assert not Blob.objects.exists()
    return caught.value.messages


def kept(media):
    """Return the names of all files, temporary ones too."""
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def age(media, by=OLD):
    """Make rows and files older."""
    Blob.objects.update(created_at=timezone.now() - by)
    for path in media.rglob("*"):
        at = timezone.now().timestamp() - by.total_seconds()
        os.utime(path, (at, at))


def test_document_is_kept_as_it_is(media):
    blob = store(PDF)
    digest = sha256(PDF).hexdigest()
    assert (blob.sha256, blob.size, blob.media_type) == (digest, len(PDF), "application/pdf")
    assert (blob.width, blob.height, blob.is_image) == (None, None, False)
    path = media / "blobs" / digest[:2] / digest
    assert path.read_bytes() == PDF
    assert kept(media) == [digest]
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.parent.stat().st_mode & 0o007 == 0


def test_picture_is_kept_made_anew_in_two_sizes(media):
    original = photo((1600, 800))
    blob = store(original)
    large, small = places.place_of(blob.sha256), places.place_of(blob.sha256, small=True)
    assert kept(media) == [blob.sha256, f"{blob.sha256}.small"]
    assert sha256(large.read_bytes()).hexdigest() == blob.sha256 != sha256(original).hexdigest()
    assert (blob.size, blob.media_type) == (large.stat().st_size, "image/jpeg")
    assert (blob.width, blob.height, blob.is_image) == (1600, 800, True)
    for path in (large, small):
        assert b"Secret" not in path.read_bytes()
        assert b"GPS" not in path.read_bytes()
        assert b"Exif" not in path.read_bytes()


def test_same_bytes_are_kept_once(media):
    first, second = store(photo(), name="a.jpg"), store(photo(), name="b.png")
    assert first == second
    assert store(PDF) == store(PDF) != first
    assert Blob.objects.count() == 2
    assert len(kept(media)) == 3


def test_picture_that_was_downloaded_is_not_made_once_more():
    blob = store(written(drawing((300, 200))))
    assert store(places.place_of(blob.sha256).read_bytes()) == blob
    assert Blob.objects.count() == 1
    with pytest.raises(ValidationError):
        store(places.place_of(blob.sha256).read_bytes(), DOCUMENTS)


def test_bytes_that_were_lost_are_written_again(media):
    blob = store(PDF)
    places.place_of(blob.sha256).unlink()
    assert store(PDF) == blob
    assert places.place_of(blob.sha256).read_bytes() == PDF


def test_what_is_not_allowed_is_refused_with_what_it_is(media):
    pictures = "Allowed are: JPEG, PNG, WebP, GIF, TIFF, BMP."
    assert refusal(PDF, IMAGES) == [f"This file is of the type: PDF. {pictures}"]
    assert refusal(b"<svg onload='x()'/>", IMAGES) == [
        f"This file is of the type: SVG. {pictures} Please export the picture as PNG and upload that."
    ]
    assert refusal(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", IMAGES) == [
        f"This file is of the type: HEIC. {pictures} Please export the picture as JPEG and upload that."
    ]
    documents = (
        "Allowed are: PDF, Word (DOCX), Excel (XLSX), PowerPoint (PPTX), OpenDocument (ODT), OpenDocument (ODS), "
        "OpenDocument (ODP), CSV, plain text."
    )
    assert refusal(b"<!doctype html><p>", DOCUMENTS) == [f"This file is of the type: HTML. {documents}"]
    assert refusal(photo(), DOCUMENTS) == [f"This file is of the type: JPEG. {documents}"]
    assert refusal(b"MZ\x90\x00" + b"\x00" * 60, DOCUMENTS) == [
        f"This file is of the type: EXE (application/x-msdownload). {documents}"
    ]
    assert refusal(ooxml("spreadsheetml.sheet", **{"xl/vbaProject.bin": "x"}), DOCUMENTS) == [
        f"This file is of the type: office file with macros. {documents} Please save it without macros."
    ]
    assert kept(media) == []


def test_sizes_are_limited_by_what_it_is(settings, media):
    settings.MAX_IMAGE_MB, settings.MAX_DOCUMENT_MB = 1, 2
    text = b"All is well.\n" * 120_000
    assert 1_000_000 < len(text) < 2_000_000
    assert store(text).size == len(text)
    Blob.objects.all().delete()
    large = written(drawing(), "BMP") + b"\x00" * 1_000_000
    assert refusal(large) == ["This file is too large. At most 1 MB are possible."]
    assert refusal(text, IMAGES) == ["This file is too large. At most 1 MB are possible."]
    assert refusal(text * 2) == ["This file is too large. At most 2 MB are possible."]
    assert refusal(b"") == ["This file is empty."]


def test_broken_picture_leaves_nothing(media):
    assert refusal(photo()[:300]) == [
        "This picture cannot be read: it is damaged or not whole. Please export it again."
    ]
    assert kept(media) == []


@pytest.mark.django_db(transaction=True)
def test_same_bytes_at_once_are_one_blob(media):
    made = at_once(*[lambda: store(photo((900, 600))).pk] * 3, *[lambda: store(PDF).pk] * 3)
    assert sorted(made) == sorted([*[made[0]] * 3, *[made[3]] * 3])
    assert Blob.objects.count() == 2
    assert len(kept(media)) == 3


def test_write_that_fails_leaves_no_half_file(media, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _file: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        store(PDF)
    assert kept(media) == []


# Sweeping ------------------------------------------------------------------------------------------------------------


def test_sweep_takes_what_nobody_refers_to(cast, media, capsys):
    used, unused = store(PDF), store(photo())
    File.objects.create(publication=PublicationFactory(owner=cast.lahti), blob=used, name="plan.pdf")
    call_command("files", "sweep")
    assert capsys.readouterr().out == "0 blobs and 0 files without a blob deleted.\n"  # they are too young
    age(media)
    call_command("files", "sweep")
    assert capsys.readouterr().out == "1 blobs and 0 files without a blob deleted.\n"
    assert list(Blob.objects.all()) == [used]
    assert kept(media) == [used.sha256]
    assert unused.sha256 != used.sha256


def test_sweep_takes_what_an_undone_upload_left(media):
    with transaction.atomic():
        store(photo())
        transaction.set_rollback(True)
    folder = media / "blobs" / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{places.TEMPORARY}x").write_bytes(b"half")
    (folder / "README").write_bytes(b"somebody's own")
    assert sweeping.sweep() == sweeping.Swept(blobs=0, files=0)
    age(media)
    assert sweeping.sweep() == sweeping.Swept(blobs=0, files=3)
    assert kept(media) == ["README"]


def test_sweep_of_nothing():
    assert sweeping.sweep() == sweeping.Swept(blobs=0, files=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("left", ["a row", "bytes alone"])
def test_sweep_waits_for_an_upload_of_the_same_bytes(cast, media, left):
    """What was about to be swept is used again by an upload that has not ended yet: it stays."""
    publication = PublicationFactory(owner=cast.lahti)
    blob = store(PDF)
    if left == "bytes alone":
        Blob.objects.all().delete()
    age(media)
    swept = []

    def begin_sweep():
        from threading import Thread

        thread = Thread(target=lambda: (swept.append(sweeping.sweep()), connection.close()))
        thread.start()
        return thread

    with transaction.atomic():
        again = store(PDF)
        sweeper = begin_sweep()
        sweeper.join(1)
        assert sweeper.is_alive()  # it waits
        File.objects.create(publication=publication, blob=again, name="plan.pdf")
    sweeper.join(30)
    assert swept == [sweeping.Swept(blobs=0, files=0)]
    assert Blob.objects.get().sha256 == blob.sha256
    assert places.place_of(blob.sha256).read_bytes() == PDF
