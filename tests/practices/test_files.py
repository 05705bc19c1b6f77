"""Files of publications: who adds them, who reads them, and what they are told when it does not work."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from config.files import places
from config.files.models import Blob
from config.journal.models import Entry
from practices.editorial import services
from practices.editorial.diff import diff_contents
from practices.library import files
from practices.library.content import read_content, same
from practices.library.files import add_file
from practices.library.models import Document, File, Photo, Publication
from tests.factories import PublicationFactory
from tests.practices.acts import decide
from tests.threads import at_once
from tests.uploads import PDF, photo, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def practice(cast):
    return PublicationFactory(owner=cast.lahti)


def add(publication, by, data=PDF, name="Plan.pdf", field="documents"):
    return add_file(publication=publication, upload=upload(data, name), field=field, by=by)


# The service ---------------------------------------------------------------------------------------------------------


def test_file_is_added_with_its_name_and_written_down(cast, practice):
    file = add(practice, cast.bob, name="Päätös о членству.PDF")
    assert (file.publication, file.name, file.uploaded_by) == (practice, "Päätös о членству.PDF", cast.bob)
    assert (file.blob.media_type, file.blob.size) == ("application/pdf", len(PDF))
    entry = Entry.objects.get(verb="file_added")
    assert (entry.object, entry.by, entry.audience) == (practice, cast.bob, "nobody")
    assert entry.details == {"file": file.pk, "name": file.name}


def test_photo_is_named_after_what_it_became(cast, practice):
    file = add(practice, cast.alice, photo(), "holiday.heic.png", "photos")
    assert (file.name, file.blob.media_type) == ("holiday.heic.jpg", "image/jpeg")
    assert b"GPS" not in places.place_of(file.blob.sha256).read_bytes()


def test_same_file_is_there_once(cast, practice):
    first = add(practice, cast.alice)
    assert add(practice, cast.bob) == first
    assert add(practice, cast.alice, name="Other.pdf") != first
    other = PublicationFactory(owner=cast.pontevedra)
    assert add(other, cast.carlos) != first
    assert (File.objects.count(), Blob.objects.count()) == (3, 1)
    assert Entry.objects.filter(verb="file_added").count() == 3


@pytest.mark.parametrize("field", ["photos", "documents"])
def test_pictures_go_everywhere_and_documents_only_among_documents(field, cast, practice):
    assert add(practice, cast.alice, photo(), "a.jpg", field).blob.is_image
    if field == "documents":
        assert add(practice, cast.alice, field=field).name == "Plan.pdf"
    else:
        with pytest.raises(ValidationError, match="of the type: PDF"):
            add(practice, cast.alice, field=field)


@pytest.mark.parametrize("data", [b"<html><script>", b"<svg onload='x'/>"])
@pytest.mark.parametrize("field", ["photos", "documents"])
@pytest.mark.parametrize("name", ["picture.png", "note.txt"])
def test_pages_are_found_out(data, field, name, cast, practice):
    with pytest.raises(ValidationError) as caught:
        add(practice, cast.alice, data, name, field)
    assert caught.value.code == "type"
    assert not File.objects.exists()


@pytest.mark.parametrize("name", ["rita", "carlos", "kaisa", "eva", "xavier", "ada", "nora"])
def test_only_authors_add_files(name, cast, practice, media):
    with pytest.raises(PermissionDenied):
        add(practice, getattr(cast, name))
    assert not Blob.objects.exists()
    assert list(media.iterdir()) == []


def test_archived_publication_takes_no_files(cast):
    archived = PublicationFactory(owner=cast.lahti, state="archived")
    with pytest.raises(ValidationError, match="This is archived"):
        add(archived, cast.alice)


def test_number_of_files_is_limited(cast, practice, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 2)
    first = add(practice, cast.alice)
    add(practice, cast.alice, b"Two")
    with pytest.raises(ValidationError, match="There are 2 files already, and no more are possible"):
        add(practice, cast.alice, b"Three")
    assert add(practice, cast.alice) == first  # it is there
    assert not Blob.objects.filter(size=5).exists()


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_uploads_at_once(cast, practice, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 2)
    texts = [f"Text {number}".encode() for number in range(4)]
    made = at_once(*[lambda text=text: add(practice, cast.alice, text) for text in texts])
    assert sorted(type(one).__name__ for one in made) == ["File", "File", "ValidationError", "ValidationError"]
    assert File.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_same_file_at_once_is_there_once(cast, practice):
    made = at_once(*[lambda: add(practice, cast.alice, photo(), "a.jpg", "photos").pk] * 3)
    assert made == [made[0]] * 3
    assert File.objects.get().pk == made[0]


# Uploading, with the step of the form --------------------------------------------------------------------------------


def send(editor, field="documents", *files, **typed):
    return editor.post("sources", {f"{field}-upload": list(files), "act": f"{field}:upload:0"} | typed)


def test_uploaded_files_become_rows_and_what_was_typed_is_kept(editor):
    answer = send(editor, "documents", upload(PDF, "Päätös.pdf"), upload(b"a,b", "t.csv"), source_title="S")
    assert answer.url == f"{editor.url('sources')}#id_documents"
    files = list(File.objects.order_by("pk"))
    assert [file.name for file in files] == ["Päätös.pdf", "t.csv"]
    assert editor.content["documents"] == [{"file": str(file.pk), "title": file.name, "language": ""} for file in files]
    assert editor.content["source_title"] == "S"


def test_photo_is_shown_and_asks_what_it_shows(editor):
    send(editor, "photos", upload(photo(), "<b>kuva.jpg"))
    file = File.objects.get()
    assert editor.content["photos"] == [{"file": str(file.pk), "alt": "", "credit": "", "licence": ""}]
    html = editor.client.get(editor.url("sources")).content.decode()
    assert f'src="/files/{file.pk}/?size=small"' in html
    assert "&lt;b&gt;kuva.jpg" in html
    typed = {
        "photos-0-file": file.pk,
        "photos-0-alt": "A kitchen",
        "photos-0-credit": "Lahti",
        "photos-0-licence": "CC0-1.0",
    }
    editor.edition += 1
    assert editor.post("sources", typed).url == editor.url("check")
    again = {f"photos-0-{name}": value for name, value in editor.content["photos"][0].items()}
    editor.edition += 1
    send(editor, "photos", upload(photo(), "<b>kuva.jpg"), **again)
    assert len(editor.content["photos"]) == 1  # it is there


def test_document_has_a_language_of_its_own_or_that_of_the_text(cast, editor, as_person):
    send(editor, "documents", upload(PDF, "Päätös.pdf"), upload(PDF + b"2", "Beslut.pdf"))
    before = editor.content
    typed = {f"documents-{n}-{name}": text for n, row in enumerate(before["documents"]) for name, text in row.items()}
    editor.edition += 1
    answer = editor.post("sources", typed | {"documents-1-language": "xx"})
    assert "Row 2, Language: Select a valid choice" in answer.context["form"].errors["documents"][0]
    editor.edition += 1
    assert editor.post("sources", typed | {"documents-1-language": "sv"}).url == editor.url("check")
    changed = diff_contents(before, editor.content, publication=editor.revision.publication)
    assert [one.name for one in changed] == ["documents"]
    assert "<span>Language: <ins>Swedish</ins></span>" in changed[0].html

    services.submit_revision(revision=editor.revision, edition=editor.revision.edition, by=cast.alice)
    decide(editor.revision, "approved", cast.kaisa, "")
    publication = editor.revision.publication
    assert read_content(publication)["documents"] == editor.content["documents"]
    page = " ".join(as_person(cast.carlos).get(publication.get_absolute_url()).text.split())
    told = re.findall(r'href="/files/\d+/" hreflang="(\w+)".*?<span class="meta">(.*?)</span>', page)
    assert told == [("en", "Päätös.pdf, 45 bytes, English"), ("sv", "Beslut.pdf, 46 bytes, Swedish")]


def test_document_of_a_version_before_languages_says_the_same():
    old, new = {"file": "1", "title": "Plan"}, {"file": "1", "title": "Plan", "language": ""}
    assert same([old], [new])
    assert not same([old], [new | {"language": "sv"}])


def test_another_photo_is_made_the_cover(editor):
    send(editor, "photos", upload(photo(), "a.jpg"), upload(photo((80, 40)), "b.jpg"))
    page = editor.client.get(editor.url("sources")).text
    assert (page.count(">Cover<"), page.count("Make this the cover")) == (1, 1)  # of the second one
    first, second = editor.content["photos"]
    typed = {f"photos-{n}-file": row["file"] for n, row in enumerate([first, second])}
    editor.edition += 1
    answer = editor.post("sources", typed | {"photos-1-alt": "A bridge", "act": "photos:first:1"})
    assert answer.url == f"{editor.url('sources')}#id_photos"
    assert editor.content["photos"] == [second | {"alt": "A bridge"}, first]


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (lambda: upload(b"<html>", "x.png"), "x.png: This file is of the type: HTML. Allowed are: JPEG, PNG"),
        (lambda: upload(b"", "x.png"), "x.png: This file is empty."),
        (lambda: upload(b"x" * 1_100_000, "x.txt"), "This file is too large. At most 1 MB are possible."),
        (lambda: upload(b"x" * 4_000_000, "x.txt"), "This file is too large. At most 1 MB are possible."),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_the_rest_is_kept(made, problem, editor, settings):
    settings.MAX_IMAGE_MB = settings.MAX_DOCUMENT_MB = 1
    answer = send(editor, "photos", upload(photo(), "good.jpg"), made(), source_title="Kept")
    assert answer.status_code == 200
    assert problem in " ".join(answer.context["form"].errors["photos"])
    assert (editor.content["source_title"], len(editor.content["photos"])) == ("Kept", 1)


def test_saving_while_typing_takes_no_files(editor):
    typed = {"photos-upload": upload(photo(), "a.jpg"), "source_title": "S"}
    assert editor.post("sources", typed, htmx=True).status_code == 200
    assert not File.objects.exists()


def test_step_without_files_takes_none(editor):
    editor.post("story", {"challenge": "C", "solution": "S", "results": "R", "photos-upload": upload(photo(), "a.jpg")})
    assert not File.objects.exists()


def test_file_of_another_publication_is_no_row(cast, editor, practice):
    file = add(practice, cast.alice)
    answer = editor.post("sources", {"documents-0-file": str(file.pk), "documents-0-title": "Mine"})
    assert "Select a valid choice" in answer.context["form"].errors["documents"][0]


# Reading -------------------------------------------------------------------------------------------------------------


def body(answer):
    return b"".join(answer)


def test_photo_in_two_sizes(cast, practice, as_person):
    file = add(practice, cast.alice, photo((900, 600)), "kuva.jpg", "photos")
    Photo.objects.create(publication=practice, file=file, position=0)
    client = as_person(cast.rita)
    large, small = places.place_of(file.blob.sha256), places.place_of(file.blob.sha256, small=True)
    assert body(client.get(file.get_absolute_url())) == large.read_bytes()
    assert body(client.get(f"{file.get_absolute_url()}?size=small")) == small.read_bytes()
    assert body(client.get(f"{file.get_absolute_url()}?size=huge")) == large.read_bytes()
    answer = client.head(file.get_absolute_url())
    assert body(answer) == b""
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.post(file.get_absolute_url()).status_code == 405


def test_right_to_read_ends_with_the_browsers_copy_in_hand(cast, practice, as_person):
    file = add(practice, cast.alice)
    row = Document.objects.create(publication=practice, file=file, title="Plan", position=0)
    client = as_person(cast.rita)
    answer = client.get(file.get_absolute_url())
    assert body(answer) == PDF
    etag = answer.headers["ETag"]
    assert client.get(file.get_absolute_url(), headers={"If-None-Match": etag}).status_code == 304
    row.delete()
    assert client.get(file.get_absolute_url(), headers={"If-None-Match": etag}).status_code == 404


def test_row_of_another_publication_opens_no_file(cast, practice, as_person):
    """Whoever writes the number of somebody's draft file into a row of their own does not get to read it."""
    file = add(practice, cast.alice)
    other = PublicationFactory(owner=cast.pontevedra)
    Publication.objects.update(is_public=True)
    Document.objects.create(publication=other, file=file, title="Mine", position=0)
    assert as_person(cast.carlos).get(file.get_absolute_url()).status_code == 404


def test_public_file_opens_without_signing_in_and_closes_again(cast, practice, client):
    file = add(practice, cast.alice)
    Document.objects.create(publication=practice, file=file, title="Plan", position=0)
    url = file.get_absolute_url()
    login = f"/accounts/login/?next={url}"
    assert client.get(url).url == login
    Publication.objects.filter(pk=practice.pk).update(is_public=True)
    answer = client.get(url)
    assert body(answer) == PDF
    assert answer.headers["Cache-Control"] == "private, no-cache"
    for state in ("archived", "unpublished"):
        Publication.objects.filter(pk=practice.pk).update(state=state)
        assert client.get(url).url == login
    assert client.get("/files/999999/").url == "/accounts/login/?next=/files/999999/"  # no telling what there is
    assert client.get(url, headers={"HX-Request": "true"}).status_code == 401


def test_reading_takes_few_queries(cast, practice, as_person, django_assert_num_queries):
    file = add(practice, cast.alice)
    Document.objects.create(publication=practice, file=file, title="Plan", position=0)
    client = as_person(cast.rita)
    with django_assert_num_queries(4):
        assert body(client.get(file.get_absolute_url())) == PDF
