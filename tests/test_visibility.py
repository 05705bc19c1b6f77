"""One rule, two forms: what a queryset returns for somebody is exactly what their permissions say, object by object."""

import itertools
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from config.files.models import Blob
from config.outbox.models import Message
from config.vocabulary.models import Topic
from exchange.announcements.models import Announcement
from exchange.connections.models import Block, Connection
from exchange.conversations.models import Comment, Group, Membership, Post, Thread
from exchange.exchanges.models import Exchange, Participant, Party
from exchange.moderation.models import Case
from exchange.peers.models import Introduction, Notice
from members.accounts.models import User
from members.directory.models import Invitation, Member, MemberRole, MemberTable, Office, OfficeRole
from members.fees.models import Invoice
from members.fees.terms import begin_membership
from members.joining.models import Application
from members.outgoing.queries import messages_visible_to
from members.people.models import JoinRequest
from members.people.seeing import people_visible_to, roles_visible_to
from practices.editorial.models import Assessment, Note, Remark, Revision
from practices.intake.models import Batch
from practices.intake.querysets import members_to_import_for, offices_to_import_for
from practices.library.models import Document, File, Photo, Practice, Publication
from practices.uptake.models import BookmarkList, Uptake
from tests.factories import MemberFactory, OfficeFactory, UserFactory
from tests.members.money import flat_schedule, issuer

NOW = timezone.now()


@pytest.fixture
def world(cast):
    """Add to the cast everybody who stands in two places at once, and owners of every sort."""
    cast.closed = MemberFactory(office=cast.finland, is_active=False, slug="closed", name_en="Closed")
    cast.sweden = OfficeFactory(name="Swedish Office", slug="sweden", parent=cast.europe)
    people = {
        # The author's rights stay, but nobody reviews the work of their own member.
        "writes_and_coordinates": {"members": [(cast.lahti, "contributor")], "offices": [(cast.finland, "coordinator")]},
        "reads_and_coordinates": {"members": [(cast.lahti, "reader")], "offices": [(cast.finland, "coordinator")]},
        "writes_and_administers": {"members": [(cast.lahti, "contributor")], "is_administrator": True},
        "reads_and_administers": {"members": [(cast.lahti, "reader")], "is_administrator": True},
        "writes_twice": {"members": [(cast.lahti, "liaison"), (cast.pontevedra, "contributor")]},
        "coordinates_twice": {"offices": [(cast.finland, "coordinator"), (cast.europe, "coordinator")]},
        "coordinates_above_and_below": {"offices": [(cast.bonn, "coordinator"), (cast.finland, "coordinator")]},
        "coordinates_the_world": {"offices": [(cast.bonn, "coordinator")]},
        "expert_and_liaison": {"members": [(cast.pontevedra, "liaison")], "offices": [(cast.finland, "expert")]},
        "of_a_closed_member": {"members": [(cast.closed, "liaison")]},
        "of_a_closed_member_and_coordinates": {
            "members": [(cast.closed, "contributor")], "offices": [(cast.finland, "coordinator")],
        },
        "left": {"members": [(cast.lahti, "liaison")], "offices": [(cast.finland, "coordinator")], "is_active": False},
        "left_administrator": {"is_administrator": True, "is_active": False},
    }  # fmt: skip
    cast.people = {name: getattr(cast, name) for name in CAST} | {"anonymous": AnonymousUser()}
    for name, facts in people.items():
        user = UserFactory(
            name=name, is_active=facts.get("is_active", True), is_administrator=facts.get("is_administrator", False)
        )
        for member, role in facts.get("members", []):
            MemberRole.objects.create(user=user, member=member, role=role)
        for office, role in facts.get("offices", []):
            OfficeRole.objects.create(user=user, office=office, role=role)
        cast.people[name] = user
    cast.members = [cast.lahti, cast.pontevedra, cast.closed]
    cast.offices = [cast.bonn, cast.europe, cast.finland, cast.sweden]
    return cast


CAST = ("alice", "bob", "rita", "carlos", "kaisa", "eva", "xavier", "ada", "nora")
COMBINED = (
    "writes_and_coordinates", "reads_and_coordinates", "writes_and_administers", "reads_and_administers",
    "writes_twice", "coordinates_twice", "coordinates_above_and_below", "coordinates_the_world", "expert_and_liaison",
    "of_a_closed_member", "of_a_closed_member_and_coordinates", "left", "left_administrator",
)  # fmt: skip
everybody = pytest.mark.parametrize("name", [*CAST, "anonymous", *COMBINED])


@pytest.fixture
def publications(world):
    """Make one publication for each owner and state."""
    for owner, state in itertools.product([*world.members, *world.offices], Publication.State.values):
        publication(owner, state)


@pytest.fixture
def revisions(world):
    """Make one revision for each owner and state, by an author of theirs and by people with several roles."""
    submitters = [world.bob, world.people["writes_and_coordinates"], world.people["coordinates_twice"], None]
    rows = itertools.product([*world.members, *world.offices], submitters, Revision.State.values)
    for owner, submitter, state in rows:
        # What is no draft was submitted at some time, but for what was withdrawn as a draft.
        for at in {NOW, None} if state == "withdrawn" else {None if state == "draft" else NOW}:
            Revision.objects.create(
                publication=publication(owner, "unpublished"),
                state=state,
                submitted_at=at,
                submitted_by=submitter if at else None,
            )
    # Handed over: from home to Europe, and on from there to Sweden.
    for owner, (former, office) in itertools.product(
        [*world.members, *world.offices], [(world.finland, world.europe), (world.europe, world.sweden)]
    ):
        Revision.objects.create(
            publication=publication(owner, "unpublished"), state="submitted", submitted_at=NOW, submitted_by=world.bob,
            handed_from=former, handed_to=office, handed_at=NOW,
        )  # fmt: skip


def publication(owner, state):
    member, office = (owner, None) if isinstance(owner, Member) else (None, owner)
    practice = Practice.objects.create(
        kind="practice", state=state, owner_member=member, owner_office=office, country=owner.country, language="en",
        title=f"{owner} {state}", published_at=None if state == "unpublished" else NOW,
    )  # fmt: skip
    return practice.publication_ptr


def assert_same(found, permitted_among, person, permission):
    """Fail unless `found` is what `person` has `permission` for among all; each once."""
    permitted = {one for one in permitted_among if person.has_perm(permission, one)}
    found = list(found)
    assert len(found) == len(set(found))
    assert {str(one) for one in set(found) - permitted} == set(), f"a queryset leaks what {permission} denies"
    assert {str(one) for one in permitted - set(found)} == set(), f"a queryset hides what {permission} allows"


@everybody
def test_publications_are_the_same_both_ways(world, publications, name):
    person, rows = world.people[name], Publication.objects.all()
    everything = list(rows.select_related("owner_member__office", "owner_office__parent"))
    assert_same(rows.visible_to(person), everything, person, "library.view_publication")
    assert_same(rows.editable_by(person), everything, person, "library.change_publication")


@everybody
def test_revisions_are_the_same_both_ways(world, revisions, name):
    person, rows = world.people[name], Revision.objects.all()
    everything = list(rows.select_related("publication__owner_member__office", "publication__owner_office__parent"))
    assert_same(rows.visible_to(person), everything, person, "editorial.view_revision")
    assert_same(rows.written_by(person), everything, person, "editorial.change_revision")
    awaiting = [one for one in everything if one.is_awaiting]
    assert_same(rows.awaiting_review_by(person), awaiting, person, "editorial.review_revision")


@pytest.fixture
def uptakes(world, publications):
    """Make uptake of everything by every other member, waiting, confirmed and declined in turn."""
    answers = itertools.cycle([{}, {"confirmed_at": NOW}, {"declined_at": NOW}])
    for row in Publication.objects.order_by("pk"):
        for member in world.members:
            if member != row.owner:
                Uptake.objects.create(
                    publication=row, member=member, state="in_use", language="en", asked_at=NOW, **next(answers)
                )


@everybody
def test_uptake_is_the_same_both_ways(world, uptakes, name):
    person, rows = world.people[name], Uptake.objects.all()
    everything = list(
        rows.select_related("publication__owner_member__office", "publication__owner_office__parent", "member")
    )
    assert_same(rows.visible_to(person), everything, person, "uptake.view_uptake")
    assert_same(rows.editable_by(person), everything, person, "uptake.change_uptake")
    assert_same(rows.confirmable_by(person), everything, person, "uptake.confirm_uptake")


@everybody
def test_lists_are_the_same_both_ways(world, name):
    for owner in world.people.values():
        if owner.is_authenticated:
            for member in (None, *world.members):
                BookmarkList.objects.create(owner=owner, name=f"{owner} {member}", shared_with=member)
    person, rows = world.people[name], BookmarkList.objects.all()
    everything = list(rows)
    assert_same(rows.visible_to(person), everything, person, "uptake.view_bookmarklist")
    assert_same(rows.owned_by(person), everything, person, "uptake.change_bookmarklist")


@everybody
def test_notes_and_remarks_are_the_same_both_ways(world, revisions, name):
    person = world.people[name]
    for revision in Revision.objects.select_related("publication"):
        Note.objects.create(publication=revision.publication, revision=revision, text="A note")
        Note.objects.create(publication=revision.publication, text="About the published text")
        Remark.objects.create(revision=revision, side="author", text="A remark")
    related = (
        f"{path}publication__owner_{owner}"
        for path in ("", "revision__")
        for owner in ("member__office", "office__parent")
    )
    notes = list(Note.objects.select_related(*related))
    remarks = list(
        Remark.objects.select_related(
            "revision__publication__owner_member__office", "revision__publication__owner_office__parent"
        )
    )
    assert_same(Note.objects.visible_to(person), notes, person, "editorial.view_note")
    assert_same(Remark.objects.visible_to(person), remarks, person, "editorial.view_remark")


@everybody
def test_assessments_are_the_same_both_ways(world, publications, name):
    person = world.people[name]
    for one in Publication.objects.all():
        for expert in (world.xavier, world.people["expert_and_liaison"], world.people["left"], world.kaisa):
            Assessment.objects.create(publication=one, version=1, expert=expert)
    everything = list(
        Assessment.objects.select_related("publication__owner_member__office", "publication__owner_office__parent")
    )
    assert_same(Assessment.objects.visible_to(person), everything, person, "editorial.view_assessment")


@everybody
def test_imports_are_the_same_both_ways(world, name):
    for uploader in [one for one in world.people.values() if one.is_authenticated] + [None]:
        Batch.objects.create(uploaded_by=uploader, name=f"{uploader}", language="en")
    person, rows = world.people[name], Batch.objects.all()
    assert_same(rows.visible_to(person), list(rows), person, "intake.view_batch")


@everybody
def test_owners_to_import_for_are_the_same_both_ways(world, name):
    person = world.people[name]
    members, offices = list(Member.objects.all()), list(Office.objects.all())
    assert_same(members_to_import_for(person), members, person, "intake.import_for_owner")
    assert_same(offices_to_import_for(person), offices, person, "intake.import_for_owner")
    assert person.has_perm("intake.add_batch") == bool(
        members_to_import_for(person).exists() or offices_to_import_for(person).exists()
    )


@everybody
def test_the_directory_is_the_same_both_ways(world, name):
    person = world.people[name]
    members, offices = list(Member.objects.all()), list(Office.objects.all())
    assert_same(Member.objects.visible_to(person), members, person, "directory.view_member")
    assert_same(Office.objects.visible_to(person), offices, person, "directory.view_office")


@everybody
def test_tables_of_members_are_the_same_both_ways(world, name):
    """Literally: the administrators'."""
    person, table = world.people[name], MemberTable.objects.create(name="members.csv", uploaded_by=world.ada)
    assert_same(MemberTable.objects.visible_to(person), [table], person, "directory.view_membertable")
    sees = name in {"ada", "writes_and_administers", "reads_and_administers"}
    assert MemberTable.objects.visible_to(person).exists() is sees


@everybody
def test_invitations_are_the_same_both_ways(world, name):
    person = world.people[name]
    for member in world.members:
        Invitation.objects.create(member=member, email="new@city.example", role="reader", language="en", expires_at=NOW)
    everything = list(Invitation.objects.select_related("member"))
    assert_same(Invitation.objects.visible_to(person), everything, person, "directory.view_invitation")


@everybody
def test_announcements_and_messages_are_the_same_both_ways(world, name):
    for office in world.offices:
        Announcement.objects.create(office=office)
    for person in world.people.values():
        if person.pk:
            Message.objects.create(kind="x", key=str(person.pk), recipient=person.email, user=person, language="en")
    person, rows, mails = world.people[name], Announcement.objects.all(), Message.objects.all()
    for act in ("view", "change"):
        assert_same(rows.visible_to(person), list(rows), person, f"announcements.{act}_announcement")
    assert_same(messages_visible_to(person), list(mails), person, "outbox.view_message")


@everybody
def test_owners_to_write_for_are_the_same_both_ways(world, name):
    person = world.people[name]
    active = list(Member.objects.active())
    assert_same(Member.objects.written_for_by(person), active, person, "library.write_for_owner")


@everybody
def test_files_are_the_same_both_ways(world, name):
    """Files of every owner, state and publicity, in a photo, also one for the network, in a document, in nothing, and another's."""
    elsewhere = publication(world.pontevedra, "published")
    ways = itertools.product(
        [*world.members, *world.offices],
        Publication.State.values,
        [True, False],
        [Photo, Document, None, "other", "inside"],
    )
    for owner, state, is_public, row in ways:
        own = publication(owner, state)
        Publication.objects.filter(pk=own.pk).update(is_public=is_public)
        file = File.objects.create(publication=own, blob=a_blob(), name=f"{owner} {state} {is_public} {row}")
        if row == "other":
            Document.objects.create(publication=elsewhere, file=file, title="Taken", position=0)
        elif row == "inside":
            Photo.objects.create(publication=own, file=file, position=0, licence="network")
        elif row:
            row.objects.create(publication=own, file=file, position=0)
    person, rows = world.people[name], File.objects.all()
    everything = list(rows.select_related("publication__owner_member__office", "publication__owner_office__parent"))
    assert_same(rows.visible_to(person), everything, person, "library.view_file")


@everybody
def test_files_of_revisions_are_the_same_both_ways(world, revisions, name):
    """Files that a revision names as a photo or a document, that none names, and that one names though another's."""
    elsewhere = File.objects.create(publication=publication(world.closed, "unpublished"), blob=a_blob(), name="Other’s")
    for number, revision in enumerate(Revision.objects.select_related("publication").order_by("pk")):
        named, _unnamed = (
            File.objects.create(publication=revision.publication, blob=a_blob(), name=f"{revision} {number} {word}")
            for word in ("named", "not named")
        )
        rows = [{"file": "", "alt": ""}, {"file": str(named.pk), "alt": "A"}, {"file": str(elsewhere.pk)}]
        revision.content = {"photos" if number % 2 else "documents": rows}
        revision.save()
    person, rows = world.people[name], File.objects.all()
    everything = list(rows.select_related("publication__owner_member__office", "publication__owner_office__parent"))
    assert_same(rows.visible_to(person), everything, person, "library.view_file")


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("bob", "named stray"),
        ("kaisa", "named stray"),
        ("ada", "named stray"),
        ("eva", "named"),
        ("coordinates_the_world", ""),
        ("carlos", ""),
        ("rita", ""),
        ("xavier", ""),
        ("anonymous", ""),
    ],
)
def test_office_that_decides_reads_the_files_of_what_was_handed_to_it(world, name, reads):
    """And of nothing else: neither a file that it does not name, nor what the author prepares after that."""
    own = publication(world.lahti, "unpublished")
    named, later, _stray = (
        File.objects.create(publication=own, blob=a_blob(), name=word) for word in ("named", "later", "stray")
    )
    Revision.objects.create(
        publication=own, state="declined", submitted_at=NOW, submitted_by=world.bob, handed_from=world.finland,
        handed_to=world.europe, handed_at=NOW, content={"photos": [{"file": str(named.pk)}]},
    )  # fmt: skip
    Revision.objects.create(publication=own, content={"documents": [{"file": str(later.pk)}]})
    found = {one.name for one in File.objects.visible_to(world.people[name])} - {"later"}
    assert found == set(reads.split())
    may_see_later = File.objects.visible_to(world.people[name]).filter(name="later").exists()
    assert may_see_later == (name in {"bob", "kaisa", "ada"})


def a_blob():
    return Blob.objects.get_or_create(sha256="0" * 64, defaults={"size": 1, "media_type": "text/plain"})[0]


@pytest.mark.parametrize(
    ("name", "drafts", "shown"),
    [
        ("bob", True, True),
        ("rita", False, True),
        ("carlos", False, True),
        ("xavier", False, True),
        ("kaisa", True, True),
        ("eva", False, True),
        ("ada", True, True),
        ("nora", False, False),
        ("anonymous", False, False),
        ("of_a_closed_member", False, False),
        ("left", False, False),
    ],
)
def test_who_reads_files_of_lahti(world, name, drafts, shown):
    """Literally, for files of a published publication: in no row, in a row, and in a row of a public one."""
    own, public = publication(world.lahti, "published"), publication(world.lahti, "published")
    Publication.objects.filter(pk=public.pk).update(is_public=True)
    for of, title in ((own, "draft"), (own, "shown"), (public, "public draft"), (public, "public")):
        file = File.objects.create(publication=of, blob=a_blob(), name=title)
        if "draft" not in title:
            Document.objects.create(publication=of, file=file, title=title, position=0)
    expected = {"public"} | ({"draft", "public draft"} if drafts else set()) | ({"shown"} if shown else set())
    assert {file.name for file in File.objects.visible_to(world.people[name])} == expected


ALL = "bonn closed europe finland lahti pontevedra sweden"


# Were both forms wrong alike, this would tell: whose work that nobody reads yet somebody sees, writes and reviews.
@pytest.mark.parametrize(
    ("name", "seen", "written", "reviewed"),
    [
        ("bob", "lahti", "lahti", ""),
        ("alice", "lahti", "lahti", ""),
        ("rita", "", "", ""),
        ("xavier", "", "", ""),
        ("nora", "", "", ""),
        ("anonymous", "", "", ""),
        ("kaisa", "closed finland lahti", "finland", "closed lahti"),
        ("eva", "europe finland pontevedra sweden", "europe", "finland pontevedra sweden"),
        ("coordinates_the_world", "bonn europe", "bonn", "bonn europe"),
        ("ada", ALL, "", ALL),
        ("writes_and_coordinates", "closed finland lahti", "finland lahti", "closed"),
        ("reads_and_coordinates", "closed finland lahti", "finland", "closed"),
        ("writes_and_administers", ALL, "lahti", ALL.replace(" lahti", "")),
        ("reads_and_administers", ALL, "", ALL.replace(" lahti", "")),
        ("of_a_closed_member", "", "", ""),
        ("left", "", "", ""),
        ("left_administrator", "", "", ""),
    ],
)
def test_whose_unpublished_work_is_seen_written_and_reviewed(world, name, seen, written, reviewed):
    for owner in (*world.members, *world.offices):
        Revision.objects.create(
            publication=publication(owner, "unpublished"),
            state="submitted",
            submitted_at=NOW,
            submitted_by=world.carlos,
        )

    def owners(publications):
        return " ".join(sorted(one.owner.slug for one in publications))

    person = world.people[name]
    waiting = Publication.objects.filter(revisions__in=Revision.objects.awaiting_review_by(person))
    assert owners(Publication.objects.visible_to(person)) == seen
    assert owners(Publication.objects.editable_by(person)) == written
    assert owners(waiting) == reviewed


def test_nobody_reviews_what_they_submitted_themselves(world):
    """A coordinator of the world office decides on its own work, but never on what they handed in."""
    person = world.people["coordinates_the_world"]
    revision = Revision.objects.create(
        publication=publication(world.bonn, "unpublished"), state="submitted", submitted_at=NOW, submitted_by=person
    )
    assert list(Revision.objects.awaiting_review_by(person)) == []
    assert not person.has_perm("editorial.review_revision", revision)
    assert person.has_perm("editorial.view_revision", revision)


@everybody
def test_fees_and_applications_are_the_same_both_ways(world, name):
    person = world.people[name]
    flat_schedule()
    issuer(world.bonn)
    issuer(world.europe, series="EUROPE")
    for number, member in enumerate(world.members):
        begin_membership(member=member, starts_on=NOW.date() - timedelta(days=400 * number), by=world.ada)
    for office, at in itertools.product(world.offices, (None, NOW)):
        Application.objects.create(
            office=office, name=f"{office} {at}", country="FI", applicant_name="A", applicant_email="a@b.example",
            language="en", submitted_at=at,
        )  # fmt: skip
    invoices, applications = Invoice.objects.select_related("member"), Application.objects.all()
    assert_same(Invoice.objects.visible_to(person), list(invoices), person, "fees.view_invoice")
    assert_same(applications.visible_to(person), list(applications), person, "joining.view_application")
    assert_same(applications.visible_to(person), list(applications), person, "joining.decide_application")


@everybody
def test_requests_to_join_are_the_same_both_ways(world, name):
    person, rows = world.people[name], JoinRequest.objects.all()
    for user, member in itertools.product(world.people.values(), world.members):
        if user.is_authenticated:
            JoinRequest.objects.create(user=user, member=member)
    everything = list(rows.select_related("member__office", "user"))
    assert_same(rows.visible_to(person), everything, person, "people.view_joinrequest")
    assert_same(rows.answerable_by(person), everything, person, "people.answer_joinrequest")


@everybody
def test_people_and_their_roles_are_the_same_both_ways(world, name):
    person = world.people[name]
    assert_same(people_visible_to(person), list(User.objects.all()), person, "people.view_person")
    if person.is_authenticated:
        roles = list(MemberRole.objects.select_related("user", "member__office"))
        assert_same(roles_visible_to(person), roles, person, "people.manage_role")


@pytest.fixture
def notices(world):
    """Make an ask and an offer of every member, open and closed, and introductions of each pair by everybody who may."""
    kinds = itertools.cycle(("ask", "offer"))
    for member, state in itertools.product(Member.objects.all(), ("open", "closed")):
        closed = {"closed_because": "expired", "closed_at": NOW} if state == "closed" else {}
        Notice.objects.create(
            kind=next(kinds), state=state, member=member, title="A question", text="How?", language="en",
            formats=["call"], languages=["en"], closes_on=NOW.date() + timedelta(days=9), **closed,
        )  # fmt: skip
    for member, peer in itertools.permutations(Member.objects.all(), 2):
        for by in (world.kaisa, world.eva):
            Introduction.objects.create(member=member, peer=peer, note="Meet.", by=by, state="withdrawn")
    return world


@everybody
def test_asks_offers_and_introductions_are_the_same_both_ways(world, notices, name):
    person = world.people[name]
    rows, everything = Notice.objects.all(), list(Notice.objects.select_related("member"))
    assert_same(rows.visible_to(person), everything, person, "peers.view_notice")
    assert_same(rows.editable_by(person), everything, person, "peers.change_notice")
    rows, everything = Introduction.objects.all(), list(Introduction.objects.select_related("member", "peer"))
    assert_same(rows.visible_to(person), everything, person, "peers.view_introduction")


@pytest.fixture
def exchanges(world):
    """Make an exchange of each pair in each state, in which the other side has agreed, been asked, or declined.

    Alice and Rita take part for Lahti, and Carlos for Pontevedra; nobody for what is closed.
    """
    answers = ("agreed", "invited", "declined")
    for (member, peer), state, answer in itertools.product(
        itertools.permutations(world.members, 2), Exchange.State, answers
    ):
        ended = {"ended_at": NOW, "reason": "No time."} if state in {"completed", "cancelled"} else {}
        exchange = Exchange.objects.create(
            format="call", title=f"{member} {peer} {state} {answer}", aim="Talk.", state=state, **ended
        )
        sides = ((member, "agreed", "host"), (peer, answer, "guest"))
        for place, said, role in sides:
            when = None if said == "invited" else NOW
            party = Party.objects.create(
                exchange=exchange, member=place, role=role, state=said, answered_at=when,
                joined_at=when if said == "agreed" else None,
            )  # fmt: skip
            for person in {world.lahti: (world.alice, world.rita), world.pontevedra: (world.carlos,)}.get(place, ()):
                Participant.objects.create(party=party, user=person)
    return world


@everybody
def test_exchanges_are_the_same_both_ways(world, exchanges, name):
    person, rows = world.people[name], Exchange.objects.all()
    everything = list(rows.prefetch_related("parties__member", "parties__participants"))
    assert_same(rows.visible_to(person), everything, person, "exchanges.view_exchange")
    assert_same(rows.editable_by(person), everything, person, "exchanges.change_exchange")
    parties = list(Party.objects.filter(state="invited", exchange__state__in=Exchange.OPEN))
    assert_same(Party.objects.answerable_by(person), parties, person, "exchanges.answer_party")


@pytest.mark.parametrize(
    ("name", "sees", "speaks", "works"),
    [
        ("alice", "lahti", "lahti", "lahti"),
        ("bob", "lahti", "lahti", "lahti"),
        ("rita", "lahti", "", "lahti"),
        ("carlos", "pontevedra", "pontevedra", "pontevedra"),
        ("kaisa", "lahti closed", "", ""),
        ("eva", "pontevedra", "", ""),
        ("ada", "lahti pontevedra closed", "", ""),
        ("xavier", "", "", ""),
        ("nora", "", "", ""),
        ("anonymous", "", "", ""),
        ("of_a_closed_member", "", "", ""),
        ("left", "", "", ""),
    ],
)
def test_who_sees_and_who_speaks_in_exchanges(world, exchanges, name, sees, speaks, works):
    """Literally: those in which a member that has not declined is one of these."""
    person = world.people[name]

    def of(slugs):
        parties = Party.objects.filter(member__slug__in=slugs.split()).exclude(state="declined")
        return set(parties.values_list("exchange", flat=True))

    everything = Exchange.objects.prefetch_related("parties__member", "parties__participants")
    permitted = lambda act: {one.pk for one in everything if person.has_perm(f"exchanges.{act}_exchange", one)}  # noqa: E731
    assert permitted("view") == of(sees)
    assert permitted("change") == of(speaks)
    assert permitted("work_on") == of(works)


@everybody
def test_cases_are_the_same_both_ways(world, name):
    people = [world.people[one] for one in (*CAST, *COMBINED)]
    kind = ContentType.objects.get_for_model(User)
    Case.objects.bulk_create(
        Case(
            content_type=kind, object_id=number, author=author, office=office, state=state, decision="No.",
            decided_by=world.people["coordinates_twice"],
        )
        for number, (author, state, office) in enumerate(itertools.product(people, Case.State.values, world.offices))
    )  # fmt: skip
    # Of a group those who keep it answer for it, and not whoever founded it.
    standing = list(enumerate(itertools.product(people, Case.State.values)))
    groups = Group.objects.bulk_create(
        Group(name=str(number), about="Food", topic=Topic.objects.get(code="food"), founded_by=world.bob)
        for number, _pair in standing
    )
    Membership.objects.bulk_create(
        Membership(group=groups[number], user=keeper, state="member", is_keeper=True, since=NOW)
        for number, (keeper, _state) in standing
    )
    offices = itertools.cycle(world.offices)
    Case.objects.bulk_create(
        Case(
            content_type=ContentType.objects.get_for_model(Group), object_id=groups[number].pk, office=next(offices),
            state=state, decision="No.",
        )
        for number, (_keeper, state) in standing
    )  # fmt: skip
    person, rows = world.people[name], Case.objects.all()
    everything = list(rows.select_related("office"))
    assert_same(rows.visible_to(person), everything, person, "moderation.view_case")
    open_ones = [one for one in everything if one.state == "open"]
    assert_same(rows.awaiting(person).filter(state="open"), open_ones, person, "moderation.decide_case")
    appealed = [one for one in everything if one.state == "appealed"]
    assert_same(rows.awaiting(person).filter(state="appealed"), appealed, person, "moderation.answer_appeal")


@everybody
def test_connections_are_the_same_both_ways(world, name):
    people = [world.people[one] for one in (*CAST, *COMBINED)]
    states = itertools.cycle(Connection.State.values)
    for asker, asked in itertools.permutations(people, 2):
        if not Connection.objects.between(asker.pk, asked.pk).live().exists():
            Connection.objects.create(asker=asker, asked=asked, message="Hello", state=next(states), asked_at=NOW)
    person, rows = world.people[name], Connection.objects.all()
    everything = list(rows.select_related("asker", "asked"))
    assert_same(rows.visible_to(person), everything, person, "connections.view_connection")


@everybody
def test_comments_are_the_same_both_ways(world, publications, name):
    Comment.objects.bulk_create(
        Comment(publication=row, kind="comment", text="Hello", language="en", by=by)
        for row, by in itertools.product(Publication.objects.order_by("pk"), (world.bob, world.carlos))
    )
    person, rows = world.people[name], Comment.objects.all()
    everything = list(rows.select_related("publication__owner_member__office", "publication__owner_office__parent"))
    assert_same(rows.visible_to(person), everything, person, "conversations.view_comment")


@everybody
def test_groups_and_threads_are_the_same_both_ways(world, name):
    people = [world.people[one] for one in (*CAST, *COMBINED)]
    states = itertools.cycle([None, *Membership.State.values])
    groups = itertools.product(Group.Admission.values, [None, *world.offices], [None, NOW])
    for number, (admission, office, hidden_at) in enumerate(groups):
        group = Group.objects.create(
            name=str(number), admission=admission, office=office, topic=Topic.objects.get(code="food"), about="Food",
            hidden_at=hidden_at,
        )  # fmt: skip
        standing = [(one, state) for one in people if (state := next(states))]
        Membership.objects.bulk_create(
            Membership(group=group, user=one, state=state, by=world.bob, since=NOW) for one, state in standing
        )
        Thread.objects.create(group=group, subject=str(number), last_at=NOW)
    for one, other in itertools.pairwise(people):
        thread = Thread.objects.create(subject=f"{one}, {other}", last_at=NOW)
        thread.readers.create(user=one)
        thread.readers.create(user=other, left_at=NOW)
    Post.objects.bulk_create(Post(thread=thread, text="Hello", by=world.bob) for thread in Thread.objects.all())
    Block.objects.create(blocker=world.bob, blocked=world.carlos)
    Block.objects.create(blocker=world.eva, blocked=world.bob)
    Block.objects.update(since=NOW - timedelta(days=1))
    person = world.people[name]
    for rows, permission in (
        (Group.objects.select_related("office"), "view_group"),
        (Thread.objects.select_related("group"), "view_thread"),
        (Post.objects.select_related("thread__group"), "view_post"),
    ):
        assert_same(rows.visible_to(person), list(rows), person, f"conversations.{permission}")
