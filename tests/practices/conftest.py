"""What the tests of this floor share."""

import pytest

from tests.factories import PublicationFactory, RevisionFactory
from tests.practices.acts import FUNDING, INDICATORS, PARTNERS
from tests.practices.editor import Editor


@pytest.fixture
def as_person(client):
    """Return a function that signs somebody in and gives back the client."""

    def as_person(person):
        client.force_login(person)
        return client

    return as_person


@pytest.fixture
def write(cast):
    """Return a function that makes a revision of Alice's, decided by Kaisa, in any state."""

    def write(state="draft", **facts):
        defaults = {"by": cast.alice, "owner": cast.lahti, "reviewer": cast.kaisa}
        return RevisionFactory(**defaults | facts, state=state)

    return write


@pytest.fixture
def editor(cast, as_person, write):
    """Return Alice's editor of a complete draft."""
    return Editor(as_person(cast.alice), write())


@pytest.fixture
def published(cast):
    """Return a published practice of Lahti with rows."""
    return PublicationFactory(
        owner=cast.lahti,
        title="Old title",
        indicators=INDICATORS,
        funding=FUNDING,
        partners=PARTNERS,
        lessons="Start small.",
    )
