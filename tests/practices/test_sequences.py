"""Whatever people do in whatever order: no state outside the tables, and no published word changes without a decision."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from practices.editorial import desk, history, services
from practices.editorial.models import Decision, Revision
from practices.editorial.transitions import TRANSITIONS
from practices.library.content import read_content
from practices.library.models import Publication
from practices.library.services import TRANSITIONS as OF_PUBLICATION
from practices.library.services import archive_publication, restore_publication
from tests.factories import PublicationFactory, complete_content
from tests.practices.acts import as_read, fresh

pytestmark = pytest.mark.django_db
PEOPLE = ("alice", "bob", "rita", "carlos", "kaisa", "eva", "xavier", "ada", "nora")
REFUSALS = (PermissionDenied, ValidationError, services.StaleEditionError)


def decide(verdict):
    def act(publication, revision, by, text):
        services.decide_revision(revision=revision, verdict=verdict, reason=text, by=by, **as_read(revision))

    return act


ACTS = {
    "revise": lambda publication, _revision, by, _text: services.revise_publication(publication=publication, by=by),
    "restore_version": lambda publication, _revision, by, _text: history.restore_version(
        publication=publication, version=1, by=by
    ),
    "save": lambda _publication, revision, by, text: services.save_revision(
        revision=revision, changes={"title": text}, edition=revision.edition, window="", final=True, by=by
    ),
    "submit": lambda _publication, revision, by, _text: services.submit_revision(
        revision=revision, edition=revision.edition, by=by
    ),
    "take": lambda _publication, revision, by, _text: services.take_revision(revision=revision, by=by),
    "give_back": lambda _publication, revision, by, _text: desk.give_back_revision(revision=revision, by=by),
    "withdraw": lambda _publication, revision, by, _text: services.withdraw_revision(revision=revision, by=by),
    "approved": decide("approved"),
    "changes_requested": decide("changes_requested"),
    "declined": decide("declined"),
    "archive": lambda publication, _revision, by, text: archive_publication(
        publication=publication, reason=text, by=by
    ),
    "restore": lambda publication, _revision, by, _text: restore_publication(publication=publication, by=by),
}
# Each with somebody who may do it more often than not, so that sequences get somewhere.
_STEP = st.tuples(
    st.sampled_from(sorted(ACTS)),
    st.sampled_from(["alice", "bob", "kaisa", "kaisa", "ada"]) | st.sampled_from(PEOPLE),
    st.sampled_from(["", "One", "Two", "x" * 101, " "]),
)
# Beginnings that lead somewhere; what follows is anything.
_START = st.sampled_from([
    [],
    [("revise", "alice", ""), ("save", "bob", "One"), ("submit", "bob", "")],
    [("revise", "bob", ""), ("submit", "alice", ""), ("take", "kaisa", ""), ("approved", "kaisa", "")],
    [("revise", "bob", ""), ("submit", "alice", ""), ("changes_requested", "ada", "Two"), ("save", "bob", "Two")],
    [("archive", "kaisa", "One")],
])  # fmt: skip


def words_of(publication):
    """Return everything that readers see of a publication, and how often it was decided on."""
    found = fresh(publication)
    approved = Decision.objects.filter(revision__publication=found, verdict="approved").count()
    return (read_content(found), found.version), approved


def check_move(old, new, table):
    """Check that a state was reached as the table says."""
    allowed = {(start, target) for starts, target in table.values() for start in starts}
    assert old == new or (old, new) in allowed


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=_START, more=st.lists(_STEP, min_size=1, max_size=12), published=st.booleans())
def test_no_sequence_leaves_the_tables_or_changes_what_is_published(start, more, published, cast):
    if published:
        publication = PublicationFactory(owner=cast.lahti, title="Old")
    else:
        begun = services.begin_publication(kind="practice", owner=cast.lahti, language="en", title="T", by=cast.alice)
        services.save_revision(
            revision=begun, changes=complete_content(), edition=1, window="", final=True, by=cast.alice
        )
        publication = begun.publication
    for name, person, text in [*start, *more]:
        publication = fresh(publication)
        revision = Revision.objects.filter(publication=publication).order_by("-pk").first()
        before, decided = words_of(publication)
        states = dict(Revision.objects.values_list("pk", "state"))
        try:
            if revision or name in {"revise", "restore_version", "archive", "restore"}:
                ACTS[name](publication, revision, getattr(cast, person), text)
        except REFUSALS:
            assert dict(Revision.objects.values_list("pk", "state")) == states
            assert words_of(publication) == (before, decided)
            assert fresh(publication).state == publication.state
            continue
        after, decided_now = words_of(publication)
        if after != before:
            assert (name, decided_now) == ("approved", decided + 1)
        check_move(publication.state, fresh(publication).state, OF_PUBLICATION)
        for pk, state, by in Revision.objects.values_list("pk", "state", "created_by"):
            if pk in states:
                check_move(states[pk], state, TRANSITIONS)
            else:  # a new one is a draft, or the imported text as it was before the first decision
                assert state == "draft" or (name, state, by) == ("approved", "approved", None)
        assert Revision.objects.open().filter(publication=publication).count() <= 1
        assert Publication.objects.filter(state="published", version=0).count() == 0
