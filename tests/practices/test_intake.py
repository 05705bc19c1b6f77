"""Importing: the dry run, all or nothing, the queue, races."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from config.journal.models import Entry
from config.outbox.kinds import get_kind
from config.outbox.models import Message
from members.directory.models import MemberRole
from members.directory.rules import forget_roles
from practices.editorial import services as editorial
from practices.editorial.models import Revision
from practices.intake import services
from practices.intake.bulk import import_batch
from practices.intake.models import Batch, BatchFile
from practices.intake.transitions import TRANSITIONS, move
from practices.library.content import read_content
from practices.library.models import Publication
from tests.factories import MemberFactory, OfficeRoleFactory, PublicationFactory
from tests.practices.acts import decide
from tests.practices.intake import (
    ROW,
    checked,
    counts,
    export,
    export_csv,
    export_xlsx,
    imported,
    problems,
    uploaded,
)

pytestmark = pytest.mark.django_db
State = Batch.State
TRICKY = "=cmd|' /C calc'!A0\n\"quoted\", and; more\n\n'apostrophe'\t🌍 مرحبا שלום\n- list"
EVERYTHING = {
    "title": "=Tricky 🌍", "summary": "+\"quotes\", 'apostrophes' and; semicolons", "challenge": TRICKY, "solution": "@" + TRICKY,
    "results": "-" + TRICKY, "end_year": "2024", "contact_title": "'=", "contact_person": "שלום", "lead_organisation": "مرحبا",
    "department": "a;b", "country": "AU", "subdivision": "NSW", "latitude": "-33.8688", "longitude": "151.2093",
    "context_population": "5000", "government_level": "local", "climate_zone": "Cfa", "legal_background": "''",
    "situation_before": "x", "objectives": "y", "process": None, "beneficiaries": "b", "left_out": "l",
    "cost_amount": "12500.5", "cost_currency": "EUR", "cost_note": "n", "months_to_implement": "7", "lifetime_years": None,
    "lessons": "l", "what_helped": "w", "what_went_wrong": None, "transferability": "t", "preconditions": "p",
    "adaptable": "a", "offers": ["call", "visit"], "source_title": "s", "source_url": "https://city.example/?a=1&b=2",
    "original_language": "fi", "text_licence": "CC0-1.0", "pathways": ["circular", "equitable"],
    "topics": ["food", "water"], "goals": ["2", "12"],
    "key_dates": [{"when": "2019-05", "what": "=1+1"}],
    "building_blocks": [{"title": 'A "rule"', "description": TRICKY, "kind": "rule", "phase": "", "what_worked": "", "lesson": ""}],
    "stakeholders": [{"who": "Farmers", "participation": "empower"}],
    "partners": [{"name": "Farms; Ltd", "support": "", "role": ""}, {"name": "B", "support": "technical", "role": "r"}],
    "costs": [{"kind": "yearly", "amount": "10.25", "currency": "EUR", "year": "2020"}],
    "funding": None,
    "indicators": [{"metric": "m", "baseline": "-1.5", "value": "2", "unit": "%", "year": "", "source_url": "", "assurance": ""}],
    "commitments": [{"level": "local", "title": "t", "url": ""}],
    "links": [{"title": "l", "url": "https://city.example/"}],
}  # fmt: skip
PROJECT = {
    "seeking_kinds": ["partners", "funding"], "seeking": TRICKY, "seeking_until": "2027-01-31",
    "milestones": [{"when": "2027", "what": "w", "status": "late"}],
}  # fmt: skip


@pytest.fixture
def everything(cast):
    """Return a practice and a project that say something, or that nobody knows it, in every field."""
    practice = PublicationFactory(owner=cast.lahti, **EVERYTHING, offer=TRICKY)
    project = PublicationFactory(owner=cast.lahti, kind="project", **EVERYTHING, **PROJECT)
    return [practice, project]


def written():
    """Return how much there is of what an import writes."""
    return Publication.objects.count(), Revision.objects.count(), Entry.objects.count(), Message.objects.count()


# There and back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to_file", [export_csv, export_xlsx])
def test_exporting_and_importing_again_changes_nothing(cast, everything, to_file):
    said, before = [read_content(one) for one in everything], written()
    missing = {name for content in said for name, value in content.items() if value in ("", [])}
    assert missing == {"photos", "documents"}

    batch = checked(to_file(everything), by=cast.alice, owner=cast.lahti)

    assert (problems(batch), counts(batch)) == ([], (0, 0, 2, 0))
    with pytest.raises(ValidationError, match="There is nothing to import"):
        services.start_import(batch=batch, by=cast.alice)
    assert written() == before


def test_what_an_export_says_can_be_new_elsewhere_and_says_the_same(cast, everything):
    rows = [row | {"id": "", "owner": "pontevedra"} for row in export(everything)]
    batch = imported(checked(rows, by=cast.carlos, owner=cast.pontevedra), by=cast.carlos)

    assert batch.state == State.DONE
    for one, row in zip(everything, batch.rows.order_by("number"), strict=True):
        assert row.revision.content | {"photos": [], "documents": []} == read_content(one)
        approved = decide(row.revision, "approved", cast.eva, "")
        assert read_content(Publication.objects.get(pk=approved.publication_id)) == read_content(one)


def test_what_was_never_complete_stays_as_it_is(cast):
    """A demonstration's source has no contact, which the form would miss."""
    one = PublicationFactory(owner=cast.lahti, contact_email="", results="", start_year="")

    assert counts(checked(export_csv([one]), by=cast.alice, owner=cast.lahti)) == (0, 0, 1, 0)


# The import ----------------------------------------------------------------------------------------------------------


def test_new_rows_wait_in_the_queue_and_change_no_page(cast):
    batch = imported(
        checked([ROW, ROW | {"title": "Two", "import_id": "b-2"}], by=cast.bob, owner=cast.lahti), by=cast.bob
    )

    assert batch.state == State.DONE
    first, second = Revision.objects.order_by("pk")
    assert (first.state, first.submitted_by, first.publication.state) == ("submitted", cast.bob, "unpublished")
    assert first.content["country"] == "FI"
    assert (second.title, second.publication.import_id) == ("Two", "b-2")
    assert list(Revision.objects.awaiting_review_by(cast.kaisa)) == [first, second]
    assert list(Revision.objects.awaiting_review_by(cast.eva)) == []
    verbs = list(Entry.objects.filter(object_id=first.publication_id).order_by("pk").values_list("verb", flat=True))
    assert verbs == ["drafted", "submitted"]
    assert not BatchFile.objects.exists()
    assert [row.content for row in batch.rows.all()] == [{}, {}]


def test_one_mail_an_office_however_many_texts(cast):
    rows = [ROW | {"title": f"Text {n}", "owner": "lahti" if n else "pontevedra"} for n in range(4)]
    OfficeRoleFactory(user=cast.kaisa, office=cast.europe)
    imported(checked(rows, by=cast.ada), by=cast.ada)

    sent = Message.objects.filter(kind="intake.imported").order_by("pk")
    assert sorted((one.recipient, one.payload["office"]) for one in sent) == sorted(
        [("kaisa@network.example", cast.finland.pk), ("kaisa@network.example", cast.europe.pk),
         ("eva@network.example", cast.europe.pk)]
    )  # fmt: skip
    assert not Message.objects.filter(kind="editorial.waiting").exists()
    finnish = next(one for one in sent if one.payload["office"] == cast.finland.pk)
    shown = get_kind(finnish.kind).render(finnish)
    assert shown.subject == "For review: 3 texts from list.csv"
    assert "Ada imported 3 texts from the table “list.csv”. They wait for review." in shown.text
    for revision in Revision.objects.filter(publication__owner_member=cast.lahti):
        decide(revision, "approved", cast.kaisa, "")
    assert get_kind(finnish.kind).render(Message.objects.get(pk=finnish.pk)) is None


def test_changed_rows_are_revisions_of_the_page_that_stays(cast, published):
    row = export([published])[0] | {"title": "New title", "funding": ""}
    batch = checked([row], by=cast.alice, owner=cast.lahti)
    assert (problems(batch), counts(batch)) == ([], (0, 1, 0, 0))
    before = read_content(published)

    imported(batch, by=cast.alice)

    revision = published.revisions.get(state="submitted")
    assert revision.content == before | {"title": "New title", "funding": []}
    assert read_content(Publication.objects.get(pk=published.pk)) == before


def test_a_part_of_the_columns_changes_that_part(cast, everything):
    practice = everything[0]
    batch = checked([{"id": str(practice.pk), "lessons": "Other.", "process": ""}], by=cast.alice, owner=cast.lahti)
    imported(batch, by=cast.alice)

    assert practice.revisions.get().content == read_content(practice) | {"lessons": "Other."}


def test_the_same_list_again_is_known_by_its_ids(cast):
    rows = [ROW | {"import_id": f"p-{n}", "title": f"Text {n}", "start_year": "2021"} for n in range(3)]
    imported(checked(rows, by=cast.alice, owner=cast.lahti), by=cast.alice)
    for revision in Revision.objects.all():
        decide(revision, "approved", cast.kaisa, "")
    rows[1] |= {"title": "Better", "topics": "water;food"}
    rows[2] |= {"topics": "water; food"}

    assert counts(checked(rows, by=cast.alice, owner=cast.lahti)) == (0, 1, 2, 0)


def test_a_coordinators_list_names_each_owner_and_is_not_theirs_to_review(cast):
    batch = checked([ROW | {"owner": "lahti"}, ROW | {"owner": "office:finland"}], by=cast.kaisa)
    imported(batch, by=cast.kaisa)

    assert [one.publication.owner for one in Revision.objects.order_by("pk")] == [cast.lahti, cast.finland]
    assert not any(cast.kaisa.has_perm("editorial.review_revision", one) for one in Revision.objects.all())
    assert set(Message.objects.values_list("recipient", flat=True)) == {"ada@network.example", "eva@network.example"}


# All or nothing ------------------------------------------------------------------------------------------------------


def test_one_wrong_row_among_many_and_nothing_is_written(cast):
    rows = [ROW | {"title": f"Text {n}"} for n in range(300)]
    rows[250] |= {"topics": "foods"}
    before = written()
    batch = checked(rows, by=cast.alice, owner=cast.lahti)

    assert counts(batch) == (299, 0, 0, 1)
    assert problems(batch) == [(252, "topics", "“foods” is none of the codes. Did you mean food?")]
    with pytest.raises(ValidationError):
        services.start_import(batch=batch, by=cast.alice)
    import_batch(pk=batch.pk)
    assert written() == before


def test_many_problems_are_counted_and_the_first_are_kept(cast):
    batch = checked([ROW | {"title": ""}] * 250, by=cast.alice, owner=cast.lahti)

    assert (batch.problem_count, batch.problems.count()) == (250, services.MOST_PROBLEMS)


def test_a_failure_in_the_middle_leaves_nothing(cast):
    """Somebody takes an id between the check and the import."""
    rows = [ROW | {"import_id": f"p-{n}"} for n in range(5)]
    batch = checked(rows, by=cast.alice, owner=cast.lahti)
    PublicationFactory(owner=cast.pontevedra, facts={"import_id": "p-4"})
    before = written()
    batch = imported(batch, by=cast.alice)

    assert batch.state == State.FAILED
    assert problems(batch) == [
        (
            6,
            "import_id",
            "A publication with this id was made after the table was checked. Please check the table again.",
        )
    ]
    assert written() == before
    services.check_again(batch=batch, by=cast.alice)
    services.check_batch(pk=batch.pk)
    text = "This id is taken by a publication of somebody else. Please put your own name before it."
    assert problems(batch) == [(6, "import_id", text)]


def test_a_page_that_changed_after_the_check_refuses_all(cast, published):
    batch = checked([export([published])[0] | {"title": "Mine"}, ROW], by=cast.alice, owner=cast.lahti)
    revision = editorial.revise_publication(publication=published, by=cast.bob)
    revision = editorial.save_revision(
        revision=revision, changes={"title": "Theirs", "contact_email": "a@b.example"}, edition=1, window="", final=True, by=cast.bob
    )  # fmt: skip
    started = imported(batch, by=cast.alice)
    assert problems(started) == [(2, "id", "Somebody is working on this publication: it has an open revision.")]

    services.check_again(batch=started, by=cast.alice)
    services.check_batch(pk=batch.pk)
    assert problems(batch) == [(2, "id", "Somebody is working on this publication: it has an open revision.")]
    editorial.withdraw_revision(revision=revision, by=cast.bob)
    batch = Batch.objects.get(pk=batch.pk)
    services.check_again(batch=batch, by=cast.alice)
    services.check_batch(pk=batch.pk)
    revision = editorial.revise_publication(publication=published, by=cast.bob)
    editorial.submit_revision(revision=revision, edition=revision.edition, by=cast.bob)
    decide(revision, "approved", cast.kaisa, "")
    batch = imported(Batch.objects.get(pk=batch.pk), by=cast.alice)
    assert (batch.state, Publication.objects.count()) == (State.FAILED, 1)
    text = "This publication was changed after the table was checked. Please check the table again."
    assert problems(batch) == [(2, "id", text)]


def test_importing_twice_does_it_once(cast):
    batch = checked([ROW], by=cast.alice, owner=cast.lahti)
    batch = imported(batch, by=cast.alice)
    import_batch(pk=batch.pk)

    with pytest.raises(ValidationError, match="The state is now: Imported"):
        services.start_import(batch=batch, by=cast.alice)
    assert Revision.objects.count() == 1


def test_an_old_report_is_not_believed(cast):
    batch = checked([ROW], by=cast.alice, owner=cast.lahti)
    services.start_import(batch=batch, by=cast.alice)
    Batch.objects.update(checked_at=timezone.now() - timedelta(days=2))
    import_batch(pk=batch.pk)

    batch.refresh_from_db()
    assert (batch.state, Revision.objects.count()) == (State.FAILED, 0)


def test_who_has_left_meanwhile_imports_nothing(cast):
    batch = checked([ROW], by=cast.bob, owner=cast.lahti)
    services.start_import(batch=batch, by=cast.bob)
    MemberRole.objects.filter(user=cast.bob).delete()
    import_batch(pk=batch.pk)

    assert problems(batch) == [(0, "", "Whoever uploaded this may not import for this owner any more.")]
    assert not Revision.objects.exists()
    forget_roles(cast.bob)
    with pytest.raises(PermissionDenied):
        services.abandon_batch(batch=batch, by=cast.bob)


# Who -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "owner", "may"),
    [
        ("alice", "lahti", True), ("bob", "lahti", True), ("rita", "lahti", False), ("carlos", "lahti", False),
        ("kaisa", "lahti", True), ("eva", "lahti", False), ("xavier", "pontevedra", False), ("ada", "lahti", True),
        ("ada", "finland", True), ("kaisa", "finland", True), ("kaisa", "europe", False), ("nora", "lahti", False),
        ("alice", "finland", False), ("rita", None, False), ("nora", None, False), ("alice", None, True),
    ],
)  # fmt: skip
def test_who_may_import_for_whom(cast, name, owner, may):
    person, owner = getattr(cast, name), owner and getattr(cast, owner)
    if may:
        assert uploaded([ROW], by=person, owner=owner).uploaded_by == person
    else:
        with pytest.raises(PermissionDenied):
            uploaded([ROW], by=person, owner=owner)


def test_rows_of_others_are_not_found(cast, published):
    MemberFactory(slug="closed", office=cast.finland, is_active=False)
    other = PublicationFactory(owner=cast.pontevedra, facts={"import_id": "theirs"})
    rows = [
        ROW | {"owner": "pontevedra"},
        ROW | {"owner": "closed"},
        ROW | {"owner": ""},
        ROW | {"owner": "lahti", "id": str(other.pk)},
        ROW | {"owner": "lahti", "import_id": "theirs"},
        ROW | {"owner": "lathi"},
        ROW | {"owner": "lahti", "id": "99999999999999999999"},
    ]
    assert problems(checked(rows, by=cast.kaisa)) == [
        (2, "owner", "You cannot import for “pontevedra”."),
        (3, "owner", "You cannot import for “closed”."),
        (4, "owner", "Whose is it? Please write the member’s short name, as in the address of its page."),
        (5, "id", f"You have no publication with the number {other.pk}."),
        (6, "import_id", "This id is taken by a publication of somebody else. Please put your own name before it."),
        (7, "owner", "You cannot import for “lathi”. Did you mean lahti?"),
        (8, "id", "You have no publication with the number 99999999999999999999."),
    ]


def test_identity_does_not_change(cast, published):
    row = export([published])[0] | {"kind": "project", "owner": "office:finland", "import_id": "new"}

    assert problems(checked([row], by=cast.alice, owner=cast.lahti)) == [
        (2, "kind", "It is a practice, and an import does not change that."),
        (2, "owner", "It is of “lahti”, and an import does not change that."),
        (2, "import_id", "The import_id of a publication does not change."),
    ]


def test_the_same_twice_in_a_table(cast, published):
    Publication.objects.filter(pk=published.pk).update(import_id="old")
    rows = [
        ROW | {"import_id": "a"}, ROW | {"import_id": "a"}, ROW | {"id": str(published.pk)}, ROW | {"import_id": "old"},
    ]  # fmt: skip
    assert problems(checked(rows, by=cast.alice, owner=cast.lahti)) == [
        (3, "import_id", "The same id as in row 2."),
        (5, "id", "The same publication as in row 4."),
    ]


def test_an_archived_page_is_not_revised(cast):
    one = PublicationFactory(owner=cast.lahti, state="archived")
    rows = [ROW | {"id": str(one.pk)}]

    assert problems(checked(rows, by=cast.alice, owner=cast.lahti)) == [(2, "id", "This publication is archived.")]


# Workers -------------------------------------------------------------------------------------------------------------


def test_a_worker_that_gave_a_sign_is_left_alone_and_a_dead_one_is_followed(cast):
    batch = uploaded([ROW], by=cast.alice, owner=cast.lahti)
    Batch.objects.update(state=State.CHECKING, run=1, touched_at=timezone.now())
    services.check_batch(pk=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.run) == (State.CHECKING, 1)
    assert not Batch.objects.forsaken().exists()

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert list(Batch.objects.forsaken()) == [batch]
        services.check_batch(pk=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.run, batch.new_count) == (State.CHECKED, 2, 1)


def test_a_worker_that_was_taken_for_dead_stops(cast):
    batch = uploaded([ROW], by=cast.alice, owner=cast.lahti)
    mine = services._begin_check(batch.pk)
    Batch.objects.update(run=2)
    with pytest.raises(services._TakenOver):
        services._check(mine)
    assert not batch.rows.exists()


def test_given_up_while_it_is_checked(cast):
    batch = uploaded([ROW], by=cast.alice, owner=cast.lahti)
    mine = services._begin_check(batch.pk)
    services.abandon_batch(batch=batch, by=cast.alice)
    with pytest.raises(services._TakenOver):
        services._keep(mine, [], [], last=True)
    services.check_batch(pk=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, BatchFile.objects.count()) == (State.ABANDONED, 0)


@pytest.mark.parametrize("act", TRANSITIONS)
@pytest.mark.parametrize("state", State.values)
def test_every_act_from_every_state(act, state):
    allowed = {
        "check_again": ["checked", "failed"], "check": ["uploaded", "checking"], "report": ["checking"],
        "import": ["checked"], "finish": ["importing"], "fail": ["checking", "importing"],
        "abandon": ["uploaded", "checking", "checked", "failed"],
    }  # fmt: skip
    batch = Batch(state=state)
    if state in allowed[act]:
        move(batch, act)
        assert batch.state == TRANSITIONS[act][1]
    else:
        with pytest.raises(ValidationError, match="This is not possible any more"):
            move(batch, act)
