"""The pages of imports, and imports that meet."""

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from practices.editorial.models import Revision
from practices.intake import services
from practices.intake.bulk import import_batch
from practices.intake.models import Batch
from practices.library.models import Publication
from tests.factories import PublicationFactory
from tests.practices.intake import ROW, as_csv, checked, export, problems, uploaded
from tests.threads import at_once

pytestmark = pytest.mark.django_db
State = Batch.State


def read(answer):
    return " ".join(html.unescape(answer.text).split())


def test_from_the_form_to_the_queue(cast, as_person, published):
    client = as_person(cast.alice)
    rows = [*export([published]), ROW | {"title": "Something new <b>"}]
    rows[0] |= {"title": "New title"}
    answer = client.post(reverse("intake:batch_create"), {"file": SimpleUploadedFile("list.csv", as_csv(rows))})
    batch = Batch.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, batch.get_absolute_url())
    page = client.get(batch.get_absolute_url())
    assert "The table is being read." in read(page)
    assert 'data-hx-trigger="every 2s"' in page.text

    services.check_batch(pk=batch.pk)
    page = client.get(batch.get_absolute_url())
    assert "every 2s" not in page.text
    assert "<del>Old</del><ins>New</ins> title" in page.text
    assert "Something new &lt;b&gt;" in page.text
    assert reverse("intake:batch_import", args=[batch.pk]) in page.text

    client.post(reverse("intake:batch_import", args=[batch.pk]))
    page = client.get(batch.get_absolute_url())
    assert "Row 0 of 2 is written." in read(page)
    assert reverse("intake:batch_abandon", args=[batch.pk]) not in page.text
    import_batch(pk=batch.pk)
    assert "Everything was imported" in read(client.get(batch.get_absolute_url()))
    assert Revision.objects.filter(state="submitted").count() == 2


def test_problems_are_listed_and_there_is_no_button(cast, as_person):
    batch = checked([ROW | {"title": ""}] * 201 + [ROW], by=cast.alice, owner=cast.lahti)
    page = as_person(cast.alice).get(batch.get_absolute_url())

    assert "This field is required." in page.text
    assert "There is 1 more problem, which is not listed." in read(page)
    assert reverse("intake:batch_import", args=[batch.pk]) not in page.text


def test_what_is_no_table_is_told_beside_the_field(cast, as_person):
    client = as_person(cast.alice)
    latin = SimpleUploadedFile("list.csv", "kind,title\npractice,Kävely\n".encode("latin-1"))
    answer = client.post(reverse("intake:batch_create"), {"file": latin})

    assert answer.status_code == 200
    assert "This text is not in UTF-8: line 2, byte 11." in read(answer)
    assert "This field is required." in read(client.post(reverse("intake:batch_create"), {}))
    assert not Batch.objects.exists()


def test_giving_up(cast, as_person):
    batch = checked([ROW], by=cast.alice, owner=cast.lahti)
    answer = as_person(cast.alice).post(reverse("intake:batch_abandon", args=[batch.pk]), follow=True)

    assert "Given up. Nothing was imported." in read(answer)
    batch.refresh_from_db()
    assert batch.state == State.ABANDONED


@pytest.mark.parametrize("number", [1, 3, 25])
def test_queries_of_the_pages(cast, as_person, django_assert_num_queries, number):
    rows = [ROW | {"title": f"Text {n}"} for n in range(number)]
    for _ in range(number):
        batch = checked(rows, by=cast.alice, owner=cast.lahti)
    client = as_person(cast.alice)
    client.get(reverse("intake:batch_list"))
    with django_assert_num_queries(6):
        client.get(reverse("intake:batch_list"))
    with django_assert_num_queries(7):
        client.get(batch.get_absolute_url())


def test_a_check_asks_as_much_for_many_rows_as_for_few(cast, django_assert_max_num_queries):
    """But for terms, which the form looks up itself: two queries a row."""
    ids = [PublicationFactory(owner=cast.lahti) for _ in range(30)]
    batch = uploaded(as_csv(list(export(ids))), by=cast.alice, owner=cast.lahti)
    with django_assert_max_num_queries(60):
        services.check_batch(pk=batch.pk)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_of_the_same_ids(cast):
    rows = [ROW | {"import_id": f"p-{n}", "title": f"Text {n}"} for n in range(20)]
    batches = [checked(rows, by=by, owner=cast.lahti) for by in (cast.alice, cast.bob)]
    for batch in batches:
        services.start_import(batch=batch, by=batch.uploaded_by)
    at_once(*[lambda batch=batch: import_batch(pk=batch.pk) for batch in batches])

    states = sorted(Batch.objects.values_list("state", flat=True))
    assert states == [State.DONE, State.FAILED]
    assert (Publication.objects.count(), Revision.objects.count()) == (20, 20)
    told = problems(Batch.objects.get(state=State.FAILED))
    assert len(told) == 20
    text = "A publication with this id was made after the table was checked. Please check the table again."
    assert told[0] == (2, "import_id", text)


@pytest.mark.django_db(transaction=True)
def test_one_import_by_two_workers_at_once(cast):
    batch = checked([ROW | {"title": f"Text {n}"} for n in range(20)], by=cast.alice, owner=cast.lahti)
    services.start_import(batch=batch, by=cast.alice)
    at_once(*[lambda: import_batch(pk=batch.pk)] * 3)

    batch.refresh_from_db()
    assert (batch.state, Revision.objects.count()) == (State.DONE, 20)


@pytest.mark.django_db(transaction=True)
def test_two_checks_at_once(cast):
    batch = uploaded([ROW | {"title": f"Text {n}"} for n in range(150)], by=cast.alice, owner=cast.lahti)
    at_once(*[lambda: services.check_batch(pk=batch.pk)] * 3)

    batch.refresh_from_db()
    assert (batch.state, batch.run, batch.new_count, batch.rows.count()) == (State.CHECKED, 1, 150, 150)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_another_does_it(cast, monkeypatch):
    """The connection is cut as a killed process cuts it: PostgreSQL takes everything back."""
    from django.db import connection, connections

    from practices.intake import bulk

    batch = checked([ROW | {"title": f"Text {n}"} for n in range(20)], by=cast.alice, owner=cast.lahti)
    services.start_import(batch=batch, by=cast.alice)
    real, count = bulk.hand_in, iter(range(100))

    def die(revision, *, by):
        if next(count) == 10:
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        real(revision, by=by)

    monkeypatch.setattr(bulk, "hand_in", die)
    with pytest.raises(Exception, match="terminat"):
        import_batch(pk=batch.pk)
    connection.close()
    assert (Publication.objects.count(), Revision.objects.count()) == (0, 0)

    monkeypatch.undo()
    Batch.objects.filter(pk=batch.pk).update(state=State.IMPORTING)
    import_batch(pk=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, Revision.objects.count()) == (State.DONE, 20)
