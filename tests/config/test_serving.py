"""How files reach a browser, and what of an upload is taken in at all."""

from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path

from config.files import places
from config.files.detection import DOCUMENTS, IMAGES
from config.files.models import Blob
from config.files.services import store_upload
from config.files.serving import serve_blob
from config.files.uploads import check_all_came, read_uploads
from tests.uploads import PDF, ooxml, photo, upload

pytestmark = pytest.mark.django_db
LOCKED = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}


def show(request, pk):
    """Serve any blob to anybody: rooms check who may."""
    return serve_blob(request, Blob.objects.get(pk=pk), name="Päätös.pdf", small="small" in request.GET)


def take(request):
    """Say what was taken in."""
    try:
        check_all_came(request)
        sizes = [one.size for one in read_uploads(request, "file")]
        return HttpResponse(f"{sizes} bytes, {request.POST.get('after')}")
    except ValidationError as error:
        return HttpResponse(f"{error.messages[0]} {request.POST.get('after')}")


show.login_required = take.login_required = False
urlpatterns = [path("show/<int:pk>/", show), path("take/", take), path("", include("config.urls"))]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.ROOT_URLCONF = __name__
    return tmp_path


def store(data):
    return store_upload(upload=upload(data), allowed=IMAGES | DOCUMENTS)


def serve(blob, name, **headers):
    return serve_blob(RequestFactory().get("/", headers=headers), blob, name=name)


def body(answer):
    return b"".join(answer) if answer.streaming else answer.content


def disposition(data, name):
    answer = serve(store(data), name)
    answer.close()
    return answer.headers["Content-Disposition"]


def test_picture_is_shown_and_locked_in_whatever_the_middleware_says(client):
    blob = store(photo((900, 600)))
    for query, small in (("", False), ("?small=", True)):
        answer = client.get(f"/show/{blob.pk}/{query}")
        assert answer.status_code == 200
        assert {name: answer.headers[name] for name in LOCKED} == LOCKED
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Disposition"] == "inline; filename*=utf-8''P%C3%A4%C3%A4t%C3%B6s.pdf.jpg"
        data = places.place_of(blob.sha256, small=small).read_bytes()
        assert body(answer) == data
        assert answer.headers["Content-Length"] == str(len(data))


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (PDF, "application/pdf"),
        (b"a,b\n1,2\n", "text/csv; charset=utf-8"),
        (b"A note", "text/plain; charset=utf-8"),
        (ooxml("spreadsheetml.sheet"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_everything_else_is_downloaded_as_what_it_is(data, content_type, client):
    answer = client.get(f"/show/{store(data).pk}/?small")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["Content-Type"] == content_type
    assert {name: answer.headers[name] for name in LOCKED} == LOCKED
    assert body(answer) == data


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "image/png", "application/xhtml+xml"])
def test_type_that_came_into_the_table_somehow_is_never_shown(media_type):
    blob = store(PDF)
    blob.media_type = media_type
    answer = serve(blob, "page.html")
    answer.close()
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plan.pdf", 'attachment; filename="plan.pdf"'),
        ('"quoted" \\ plan.pdf', 'attachment; filename="plan.pdf"'),
        ('say "yes".pdf', 'attachment; filename="say \\"yes\\".pdf"'),
        ("x\r\nSet-Cookie: a=b.pdf", 'attachment; filename="xSet-Cookie: a=b.pdf"'),
        ("page.html", 'attachment; filename="page.html.pdf"'),
    ],
)
def test_name_is_safe_in_the_header(name, expected):
    assert disposition(PDF, name) == expected


@pytest.mark.parametrize(
    "name", ["Päätös.pdf", "Одлука за членство.pdf", "計画書.pdf", "خطة المدينة.pdf", "योजना.pdf", "🌳.pdf"]
)
def test_name_in_any_script_arrives(name):
    kind, _, rest = disposition(PDF, name).partition("; filename*=utf-8''")
    assert (kind, unquote(rest)) == ("attachment", name)
    assert rest.isascii()


def test_browser_that_has_it_is_told_so(client):
    blob = store(photo())
    first = client.get(f"/show/{blob.pk}/")
    assert body(first) == places.place_of(blob.sha256).read_bytes()
    assert first.headers["ETag"] == f'"{blob.sha256}"'
    again = client.get(f"/show/{blob.pk}/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert {name: again.headers[name] for name in LOCKED} == LOCKED
    small = client.get(f"/show/{blob.pk}/?small", headers={"If-None-Match": first.headers["ETag"]})
    assert body(small) == places.place_of(blob.sha256, small=True).read_bytes()
    assert (small.status_code, small.headers["ETag"]) == (200, f'"{blob.sha256}-small"')


def test_web_server_sends_it_where_there_is_one(settings):
    settings.X_ACCEL_PREFIX = "/uploads/"
    blob = store(photo())
    answer = serve(blob, "photo.jpg")
    assert answer.content == b""
    assert answer.headers["X-Accel-Redirect"] == f"/uploads/blobs/{blob.sha256[:2]}/{blob.sha256}"
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == 'inline; filename="photo.jpg"'
    small = serve_blob(RequestFactory().get("/"), blob, name="photo.jpg", small=True)
    assert small.headers["X-Accel-Redirect"] == f"/uploads/blobs/{blob.sha256[:2]}/{blob.sha256}.small"


def test_bytes_that_are_missing_are_not_found(client):
    blob = store(PDF)
    places.place_of(blob.sha256).unlink()
    assert client.get(f"/show/{blob.pk}/").status_code == 404


# Taking in -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10, 2_600_000])  # in memory, on disk
def test_upload_is_taken_in(size, client):
    answer = client.post("/take/", {"file": upload(b"x" * size), "after": "and the rest"})
    assert answer.content.decode() == f"[{size}] bytes, and the rest"


@pytest.mark.parametrize("limit", [1, 5])
def test_too_large_an_upload_is_dropped_and_told(limit, settings, tmp_path):
    """With a token after the file, which still counts: what is dropped is the file alone."""
    settings.MAX_IMAGE_MB = settings.MAX_DOCUMENT_MB = limit
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    token = client.cookies["csrftoken"].value
    with override_settings(FILE_UPLOAD_TEMP_DIR=str(waiting)):
        form = {"file": upload(b"x" * 9_000_000), "after": "the rest", "csrfmiddlewaretoken": token}
        answer = client.post("/take/", form)
    text = f"This file is too large. At most {limit} MB are possible. the rest"
    assert (answer.status_code, answer.content.decode()) == (200, text)
    assert list(waiting.iterdir()) == []


def test_small_file_beside_one_that_is_too_large(settings, client):
    settings.MAX_IMAGE_MB = settings.MAX_DOCUMENT_MB = 1
    for form in (
        {"other": upload(b"x" * 5_000_000), "file": upload(PDF), "after": "a"},
        {"file": upload(PDF), "other": upload(b"x" * 5_000_000), "after": "a"},
    ):
        assert client.post("/take/", form).content.decode() == f"[{len(PDF)}] bytes, a"


def test_missing_upload_is_told(client):
    for form in ({}, {"file": "text"}, {"other": upload(PDF)}):
        assert client.post("/take/", form).content.decode() == "[] bytes, None"


def test_many_files_at_once_are_not_understood(client):
    files = {f"file{number}": upload(b"x") for number in range(6)}
    assert client.post("/take/", files).status_code == 400
