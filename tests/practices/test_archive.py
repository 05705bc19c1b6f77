"""The archive of a member: everything of its own in every state, and nothing of others."""

import hashlib
import io
import json
import zipfile

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from config.files import places
from config.journal.models import Entry
from practices.editorial.services import save_revision
from practices.library.content import read_content
from practices.library.files import add_file
from practices.library.models import File
from practices.sharing import archive
from practices.sharing.archive import make_archive
from practices.uptake.services import decline_uptake, record_uptake
from tests.factories import MemberFactory, PublicationFactory
from tests.practices.acts import INDICATORS, decide, fresh
from tests.uploads import PDF, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def take(member, by, *, with_files=True):
    """Return the names in the archive, and its JSON files by name."""
    with make_archive(member=member, with_files=with_files, by=by) as made, zipfile.ZipFile(made) as read:
        assert read.testzip() is None
        whole = {name: read.read(name) for name in read.namelist()}
    texts = {name: json.loads(data) for name, data in whole.items() if name.endswith(".json")}
    return whole, texts


def test_archive_holds_each_publication_with_versions_and_decisions(cast, write):
    first = write("approved", title="Version one", indicators=INDICATORS, contact_person="Pekka Person")
    practice = first.publication
    write("approved", publication=practice, title="Version two")
    change = write("submitted", publication=practice, title="Version three")
    decide(change, "changes_requested", cast.kaisa, "Figures are missing.")
    draft = write("draft", title="A draft")
    archived = PublicationFactory(owner=cast.lahti, title="Over", state="archived")
    PublicationFactory(owner=cast.pontevedra, title="Of others")

    names, texts = take(cast.lahti, cast.alice)
    assert sorted(names) == ["manifest.json", "publications.json", "uptake.json"]
    one, two, three = texts["publications.json"]
    assert [(row["id"], row["state"], row["version"]) for row in (one, two, three)] == [
        (practice.pk, "published", 2), (draft.publication_id, "unpublished", 0), (archived.pk, "archived", 1),
    ]  # fmt: skip
    assert one["content"] == read_content(fresh(practice))
    assert three["archived_reason"] == "Not true any more."
    assert [(row["version"], row["content"]["title"]) for row in one["versions"]] == [
        (2, "Version two"), (1, "Version one"),
    ]  # fmt: skip
    assert "Pekka" not in json.dumps(one["versions"])  # an old version does not bring a person back
    (open_one,) = one["other_revisions"]
    assert (open_one["state"], open_one["content"]["title"], open_one["submitted_by"]) == (
        "changes_requested", "Version three", "Alice",
    )  # fmt: skip
    (decision,) = open_one["decisions"]
    assert (decision["verdict"], decision["reason"], decision["by"]) == (
        "changes_requested", "Figures are missing.", "Kaisa",
    )  # fmt: skip
    assert two["other_revisions"][0]["content"]["title"] == "A draft"
    manifest = texts["manifest.json"]
    assert (manifest["format"], manifest["member"]["name"]) == ("talkoo-member/1", "Lahden kaupunki")


def test_coordinator_gets_no_draft_that_was_never_submitted(cast, write):
    draft = write("draft", title="A draft")
    save_revision(revision=draft, changes={"challenge": "Secret"}, edition=draft.edition, window="", final=True,
                  by=cast.alice)  # fmt: skip
    _, texts = take(cast.lahti, cast.kaisa)
    assert [row["other_revisions"] for row in texts["publications.json"]] == [[]]
    assert "Secret" not in json.dumps(texts)


def test_archive_holds_the_files_under_their_ids(cast):
    practice = PublicationFactory(owner=cast.lahti)
    other = PublicationFactory(owner=cast.pontevedra)
    plan = add_file(publication=practice, upload=upload(PDF, "Päätös.pdf"), field="documents", by=cast.alice)
    gone = add_file(publication=practice, upload=upload(PDF + b"2", "gone.pdf"), field="documents", by=cast.alice)
    add_file(publication=other, upload=upload(PDF + b"3", "others.pdf"), field="documents", by=cast.carlos)
    places.place_of(gone.blob.sha256).unlink()

    whole, texts = take(cast.lahti, cast.alice)
    kept = f"files/{plan.pk}-Päätös.pdf"
    assert [name for name in whole if name.startswith("files/")] == [kept]
    first, second = texts["manifest.json"]["files"]
    assert (first["id"], first["publication"], first["path"], first["size"]) == (plan.pk, practice.pk, kept, len(PDF))
    assert hashlib.sha256(whole[kept]).hexdigest() == first["sha256"]
    assert (second["id"], second["path"]) == (gone.pk, None)
    without, texts = take(cast.lahti, cast.alice, with_files=False)
    assert [name for name in without if name.startswith("files/")] == []
    assert (texts["manifest.json"]["with_files"], texts["manifest.json"]["files"]) == (False, [])


def test_uptake_both_ways(cast):
    ours, theirs = PublicationFactory(owner=cast.lahti), PublicationFactory(owner=cast.pontevedra, title="Streets")
    third = PublicationFactory(owner=MemberFactory(office=cast.europe))
    facts = {"language": "es", "changed": "Two streets"}
    given = record_uptake(publication=ours, member=cast.pontevedra, state="in_use", since=None, facts=facts,
                          by=cast.carlos)  # fmt: skip
    taken = record_uptake(publication=theirs, member=cast.lahti, state="considering", since=None,
                          facts={"language": "fi"}, by=cast.alice)  # fmt: skip
    decline_uptake(uptake=taken, reason="No.", edition=taken.edition, by=cast.carlos)
    record_uptake(publication=third, member=cast.pontevedra, state="in_use", since=None, facts=facts, by=cast.carlos)
    _, texts = take(cast.lahti, cast.alice)
    assert [(row["id"], row["direction"], row["title"], row["changed"], row["decline_reason"])
            for row in texts["uptake.json"]] == [
        (given.pk, "given", ours.title, "Two streets", ""), (taken.pk, "taken", "Streets", "", "No."),
    ]  # fmt: skip


@pytest.mark.parametrize("person", ["bob", "rita", "carlos", "eva", "xavier", "nora"])
def test_others_take_nothing(person, cast):
    with pytest.raises(PermissionDenied):
        make_archive(member=cast.lahti, with_files=False, by=getattr(cast, person))


def test_page_gives_the_archive_and_it_is_written_down(cast, as_person):
    PublicationFactory(owner=cast.lahti)
    client = as_person(cast.alice)
    url = reverse("sharing:member_export", args=["lahti"])
    assert url in client.get(cast.lahti.get_absolute_url()).text
    assert "1 practice or project" in client.get(url).text
    answer = client.post(url, {"files": "yes"})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="lahti-')
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(answer))).namelist()) == 3
    entry = Entry.objects.get(verb="exported")
    assert (entry.object, entry.by, entry.audience, entry.details) == (cast.lahti, cast.alice, "nobody", {"files": 0})
    assert url not in as_person(cast.carlos).get(cast.lahti.get_absolute_url()).text


def test_too_many_bytes_are_refused_with_the_way_out(cast, as_person, monkeypatch):
    practice = PublicationFactory(owner=cast.lahti)
    add_file(publication=practice, upload=upload(PDF, "Plan.pdf"), field="documents", by=cast.alice)
    monkeypatch.setattr(archive, "MOST_FILE_BYTES", len(PDF) - 1)
    client = as_person(cast.alice)
    url = reverse("sharing:member_export", args=["lahti"])
    answer = client.post(url, {"files": "yes"})
    assert (answer.status_code, "Take the texts without them" in answer.text) == (422, True)
    whole = client.post(url, {"files": "no"})
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(whole))).namelist()) == 3
    assert File.objects.count() == 1
