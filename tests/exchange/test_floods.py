"""One person sends what they can, from four browsers at once. `TALKOO_FLOOD=1000` sends as much as a minute allows."""

import os
from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from config.outbox.models import Message
from exchange.connections.models import Connection
from exchange.connections.services import MOST_A_DAY, MOST_OF_MEMBER
from exchange.conversations.limits import MOST_AN_HOUR
from exchange.conversations.models import Comment
from exchange.exchanges.models import Exchange
from exchange.exchanges.services import MOST_WAITING
from exchange.moderation.models import Report
from exchange.moderation.services import MOST_A_DAY as MOST_REPORTS
from tests.exchange.exchanging import day
from tests.factories import MemberFactory, MemberRoleFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

FLOOD = int(os.environ.get("TALKOO_FLOOD", "160"))  # requests, a quarter of them of each kind
BROWSERS = 4
CLEAR = {200, 302, 409, 422, 429}


@pytest.fixture
def cast(cast, publish):
    cast.published = publish(cast.lahti)
    cast.many = [
        MemberRoleFactory(member=MemberFactory(office=cast.europe), role="liaison").user for _ in range(FLOOD // 4)
    ]
    return cast


def test_whoever_sends_much_reaches_their_limits_and_nothing_else(cast):
    plan = {
        "format": "call", "title": "Call", "aim": "To talk.", "time_zone": "UTC", "where": "online", "costs": "own",
        "gives": "yes", "starts_on": day(9).isoformat(),
    }  # fmt: skip
    kinds = [
        lambda number: (reverse("conversations:publication_talk", args=[cast.published.pk]),
                        {"text": f"Question {number}", "language": "en", "kind": "question"}),
        lambda number: (reverse("connections:request_create", args=[cast.many[number].pk]), {"message": "Talk?"}),
        lambda number: (reverse("exchanges:exchange_create"),
                        plan | {"partner": cast.many[number].member_roles.get().member.slug}),
        lambda number: (reverse("moderation:report_create", args=["person", cast.many[number].pk]), {"reason": "Rude."}),
    ]  # fmt: skip

    def browse(first):
        client, seen = Client(raise_request_exception=False), Counter()
        client.force_login(cast.carlos)
        for number in range(first, FLOOD // 4, BROWSERS):
            for kind in kinds:
                address, typed = kind(number)
                seen[client.post(address, typed).status_code] += 1
        return seen

    answers = sum(at_once(*(lambda first=first: browse(first) for first in range(BROWSERS))), Counter())
    assert set(answers) <= CLEAR, answers
    assert answers.total() == FLOOD
    assert Comment.objects.filter(by=cast.carlos).count() == min(MOST_AN_HOUR, FLOOD // 4)
    assert Connection.objects.filter(asker=cast.carlos).count() == min(MOST_A_DAY, MOST_OF_MEMBER, FLOOD // 4)
    assert Exchange.objects.count() == min(MOST_WAITING, FLOOD // 4)
    assert Report.objects.count() == min(MOST_REPORTS, FLOOD // 4)
    each = Counter(Message.objects.values_list("kind", "recipient"))
    assert max(count for (kind, _to), count in each.items() if kind.startswith("exchanges.")) == 1
