"""Two members become one: nothing is lost, and old addresses lead to the new place."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from members.directory.history import read_history
from members.directory.merging import merge_member
from members.directory.models import Contact, Member, MemberRole
from members.directory.rules import forget_roles, roles_of
from members.directory.services import invite_colleague
from members.people.models import JoinRequest
from practices.library.models import Publication
from practices.search.models import Document
from practices.uptake.bookmarks import change_list, make_list
from practices.uptake.models import BookmarkList, Uptake
from tests.factories import MemberFactory, PublicationFactory
from tests.threads import at_once


@pytest.fixture
def hollola(cast):
    """Return a neighbour of Lahti, whose contributor Bob is liaison here."""
    found = MemberFactory(
        name="Hollolan kunta", name_en="Hollola", slug="hollola", office=cast.finland, email_domains=["hollola.example"]
    )
    MemberRole.objects.create(user=cast.bob, member=found, role="liaison")
    MemberRole.objects.create(user=cast.nora, member=found, role="contributor")
    return found


def test_everything_comes_along(cast, hollola, client):
    own, other = PublicationFactory(owner=hollola), PublicationFactory(owner=cast.pontevedra)
    theirs = PublicationFactory(owner=cast.lahti)
    for publication in (other, theirs):
        Uptake.objects.create(
            publication=publication, member=hollola, state="in_use", language="fi", asked_at=timezone.now()
        )
    for member in (hollola, cast.lahti):
        Contact.objects.create(member=member, function="leader", title=member.name_en, email="mayor@city.example")
    Contact.objects.create(member=hollola, function="billing", title="Accounts", email="pay@hollola.example")
    shared = make_list(name="Shared", by=cast.bob)
    change_list(bookmark_list=shared, name="Shared", shared_with=hollola, by=cast.bob)
    invite_colleague(member=hollola, email="new@city.example", role="reader", language="fi", by=cast.bob)
    JoinRequest.objects.create(user=cast.rita, member=hollola)
    association = MemberFactory(kind="association", office=cast.finland)
    hollola.associations.add(association)

    merge_member(member=hollola, into=cast.lahti, by=cast.ada)

    assert set(Publication.objects.filter(owner_member=cast.lahti)) == {own, theirs}
    assert Document.objects.filter(publication=own).count() == 1
    assert dict(Uptake.objects.values_list("publication", "member")) == {other.pk: cast.lahti.pk, theirs.pk: hollola.pk}
    assert dict(cast.lahti.contacts.values_list("function", "title")) == {"leader": "Lahti", "billing": "Accounts"}
    assert BookmarkList.objects.get().shared_with == cast.lahti
    assert cast.lahti.invitations.open().get().email == "new@city.example"
    assert JoinRequest.objects.get().member == cast.lahti
    assert list(cast.lahti.associations.all()) == [association]
    cast.lahti.refresh_from_db()
    hollola.refresh_from_db()
    assert (cast.lahti.email_domains, hollola.email_domains) == (["hollola.example"], [])
    assert (hollola.is_active, hollola.merged_into) == (False, cast.lahti)
    roles = dict(MemberRole.objects.filter(member=cast.lahti).values_list("user__name", "role"))
    assert roles == {"Alice": "liaison", "Bob": "liaison", "Rita": "reader", "Nora": "contributor"}
    for person in (cast.bob, cast.nora):
        forget_roles(person)
        assert roles_of(person).members == {cast.lahti.pk}
    client.force_login(cast.rita)
    assert client.get("/members/hollola/").url == "/members/lahti/"
    assert "Took in Hollolan kunta" in [str(one.said.text) for one in read_history(cast.lahti, cast.rita)]


def test_only_administrators_merge(cast, hollola):
    for person in (cast.bob, cast.alice, cast.kaisa, cast.eva, cast.carlos):
        with pytest.raises(PermissionDenied):
            merge_member(member=hollola, into=cast.lahti, by=person)
    assert Member.objects.get(slug="hollola").is_active


def test_what_cannot_be_merged(cast, hollola, client):
    with pytest.raises(ValidationError, match="the same member"):
        merge_member(member=hollola, into=hollola, by=cast.ada)
    client.force_login(cast.ada)
    page = client.post("/members/hollola/merge/", {"into": "nowhere"}).content.decode()
    assert "There is no member with this address." in page
    assert client.post("/members/hollola/merge/", {"into": "https://x.example/members/lahti/"}).url == "/members/lahti/"
    for pair in ((hollola, cast.pontevedra), (cast.pontevedra, hollola)):
        with pytest.raises(ValidationError, match="was merged already"):
            merge_member(member=pair[0], into=pair[1], by=cast.ada)


@pytest.mark.django_db(transaction=True)
def test_two_that_are_merged_into_each_other_at_once(cast, hollola):
    found = at_once(
        lambda: merge_member(member=hollola, into=cast.lahti, by=cast.ada),
        lambda: merge_member(member=cast.lahti, into=hollola, by=cast.ada),
    )
    assert [isinstance(one, ValidationError) for one in found].count(True) == 1
    assert Member.objects.filter(slug__in=["lahti", "hollola"], is_active=True).count() == 1
