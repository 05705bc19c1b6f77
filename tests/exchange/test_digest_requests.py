"""What waits for an answer, in the digests of those who can give it."""

import pytest
from django.utils import timezone

from config.journal.services import number_entries
from exchange.connections import services as connecting
from exchange.connections.models import Connection, Leave
from exchange.digests.emails import preview_digest
from exchange.digests.models import Subscription
from exchange.digests.requests import read_requests
from exchange.digests.selection import select_for
from exchange.digests.services import build_message
from exchange.exchanges.models import Party
from exchange.peers.introducing import introduce_members
from exchange.peers.models import Introduction
from members.directory.rules import roles_of
from tests.exchange.exchanging import propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(cast):
    """Ask Pontevedra for an exchange, introduce it to Lahti, and ask Carlos himself to connect."""
    propose(cast)
    introduce_members(member=cast.lahti, peer=cast.pontevedra, note="Both cook.", by=cast.kaisa)
    connecting.request_connection(to=cast.carlos, message="Your kitchens?", by=cast.alice)


def digest_of(user):
    subscription = Subscription.objects.get(user=user)
    (selection,) = select_for([subscription], highest=number_entries())
    mail = preview_digest(build_message(subscription, selection, 0, key="x", now=timezone.now()), subscription)
    return mail and bytes(mail.text).decode()


def test_digest_with_something_new_also_says_what_waits_for_an_answer(cast, asked, subscribe, publish):
    subscribe(cast.carlos, confirmed_no=0)
    publish(cast.lahti, "Heat from sewage")
    text = digest_of(cast.carlos)
    for words in (
        "An exchange is proposed to Concello de Pontevedra.",
        "A coordinator proposes a peer to you.",
        "Wants to connect with",
    ):
        assert words in text
    assert "School meals (Lahden kaupunki)" in text  # who asks
    assert text.index("Waiting for you") < text.index("School meals") < text.index("Heat from sewage")


def test_requests_alone_make_no_digest(cast, asked, subscribe):
    subscribe(cast.carlos, sections=["waiting"], confirmed_no=number_entries())
    assert digest_of(cast.carlos) is None


def test_who_wants_nothing_that_waits_is_not_told(cast, asked, subscribe, publish):
    subscribe(cast.carlos, sections=["new"], confirmed_no=0)
    publish(cast.lahti, "Heat from sewage")
    assert "is proposed to" not in digest_of(cast.carlos)


def test_who_ended_messages_about_connections_reads_of_none(cast, asked):
    Leave.objects.create(user=cast.carlos)
    assert not read_requests({cast.carlos.pk: roles_of(cast.carlos)}).connections


def test_each_reader_has_what_the_pages_show_them(cast, asked):
    people = [user for user in vars(cast).values() if hasattr(user, "has_perm")]
    requests = read_requests({user.pk: roles_of(user) for user in people})
    found = {}
    for user in people:
        paths = [one.path for one in requests.made_to(user, roles_of(user))]
        expected = [one.exchange.get_absolute_url() for one in Party.objects.answerable_by(user)]
        expected += [one.get_absolute_url() for one in Introduction.objects.answerable_by(user)]
        expected += ["/connections/" for _one in Connection.objects.to_answer(user)]
        assert sorted(paths) == sorted(expected), user
        found[user.email] = len(paths)
    assert found[cast.carlos.email] == 3
    assert found[cast.alice.email] == 1  # her side of the introduction
    assert found[cast.rita.email] == found[cast.nora.email] == found[cast.kaisa.email] == 0
