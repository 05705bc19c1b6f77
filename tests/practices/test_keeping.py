"""What others depend on is never deleted along with something else: it is refused."""

import pytest
from django.db import transaction
from django.db.models import ProtectedError

from config.vocabulary.models import Goal, Pathway, Topic
from practices.editorial.models import Decision, Revision
from practices.library.models import Publication
from tests.factories import PublicationFactory, RevisionFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("model", "name", "code"), [(Topic, "topics", "food"), (Pathway, "pathways", "circular"),
                                                     (Goal, "goals", "2")])  # fmt: skip
def test_term_in_use_is_not_deleted(model, name, code, cast):
    publication = PublicationFactory(owner=cast.lahti, goals=["2"])
    with pytest.raises(ProtectedError), transaction.atomic():
        model.objects.get(code=code).delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        model.objects.filter(code=code).delete()
    assert [term.code for term in getattr(publication, name).all()] == [code]
    unused = model.objects.exclude(code=code).first()
    unused.delete()
    assert not model.objects.filter(pk=unused.pk).exists()


def test_member_with_publications_is_not_deleted(cast):
    PublicationFactory(owner=cast.lahti)
    with pytest.raises(ProtectedError):
        cast.lahti.delete()
    assert Publication.objects.get().owner == cast.lahti


@pytest.mark.parametrize("person", ["bob", "kaisa"])
def test_person_who_wrote_or_decided_is_not_deleted(person, cast):
    revision = RevisionFactory(by=cast.bob, owner=cast.lahti, reviewer=cast.kaisa, state="declined")
    with pytest.raises(ProtectedError):
        getattr(cast, person).delete()
    assert Revision.objects.get().created_by == cast.bob
    assert Decision.objects.get(revision=revision).by == cast.kaisa


def test_office_with_members_is_not_deleted(cast):
    with pytest.raises(ProtectedError):
        cast.finland.delete()
