"""What a mail domain takes: so many messages a minute, from so many senders at once."""

import secrets
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from config.outbox.claiming import claim
from config.outbox.limits import Limit, Room, parse_limits
from config.outbox.models import Event, Message
from config.outbox.sender import Sender

State = Message.State


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("", {}),
        ("big.example=300/2", {"big.example": Limit(300, 2)}),
        (" Big.example=300/2 , x.example=1/1,", {"big.example": Limit(300, 2), "x.example": Limit(1, 1)}),
    ],
)
def test_setting_is_read(text, limits):
    assert parse_limits(text) == limits


@pytest.mark.parametrize(
    "text", ["big.example", "big.example=0/1", "big.example=5", "a@big.example=5/1", "=5/1", "x=5/-1"]
)
def test_setting_that_cannot_be_read_says_which_part(text):
    with pytest.raises(ValueError, match=text.replace("/", ".")):
        parse_limits(f"fine.example=1/1,{text}")


def test_bad_setting_stops_the_start_with_its_name(monkeypatch):
    monkeypatch.setenv("MAIL_DOMAIN_LIMITS", "big.example=often")
    done = subprocess.run([sys.executable, "-c", "import config.settings"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "MAIL_DOMAIN_LIMITS: big.example=often: write domain=messages a minute" in done.stderr


def test_room_is_what_is_left_and_nothing_while_others_hold_all_places():
    limits = {"big.example": Limit(10, 2), "full.example": Limit(5, 2), "busy.example": Limit(10, 1)}
    room = Room.of(limits, used={"big.example": 8, "full.example": 7}, others={"busy.example": 1, "big.example": 1})
    assert room.left == {"big.example": 2, "full.example": 0, "busy.example": 0}
    assert room.full == ["full.example", "busy.example"]
    assert [room.take(to) for to in ("a@BIG.example", "b@big.example", "c@big.example")] == [True, True, False]
    assert [room.take("a@sub.big.example"), room.take("a@free.example")] == [True, True]


@pytest.fixture
def limited(queue, settings):
    """Twenty messages for a domain that takes five a minute from one sender, ten for one that takes all."""
    settings.MAIL_DOMAIN_LIMITS = {"big.example": Limit(5, 1)}
    for number in range(20):
        queue(f"b{number}", to=f"b{number}@Big.example")
    for number in range(10):
        queue(f"f{number}", to=f"f{number}@free.example")


def sent():
    domains = [
        to.rpartition("@")[2].lower() for to in Message.objects.filter(state="sent").values_list("recipient", flat=True)
    ]
    return Counter(domains)


@pytest.mark.django_db
def test_no_more_than_its_limit_goes_out_in_a_minute_and_others_do_not_wait(limited, smtp):
    assert Sender().run() == 15
    assert sent() == {"big.example": 5, "free.example": 10}
    assert Sender().run() == 0
    Event.objects.update(at=timezone.now() - timedelta(seconds=61))
    assert Sender().run() == 5
    assert sent() == {"big.example": 10, "free.example": 10}


@pytest.mark.django_db
def test_what_another_sender_has_in_hand_counts(limited, smtp):
    other = secrets.randbits(62)
    held = claim(other)
    assert sum("Big" in one.message.recipient for one in held) == 5
    assert claim(secrets.randbits(62)) == []  # the domain's only place is taken
    Message.objects.filter(owner=other).update(state=State.READY, owner=None)
    assert len(claim(secrets.randbits(62))) == 15
