"""A kind of message of the tests' own, a line to queue one, and a connection that is closed at the end."""

import pytest

from config.outbox import kinds
from config.outbox.kinds import Kind, Rendered
from config.outbox.services import queue_message
from config.outbox.transport import Transport


def render(message):
    if message.payload.get("broken"):
        raise ValueError("no such thing")
    if message.payload.get("empty"):
        return None
    return Rendered("Добар ден", "Text\n.a line with a dot\n", "<p>Добар ден</p>", {"List-Id": "<x.example>"})


@pytest.fixture
def kind():
    made = kinds.register(
        Kind(name="test.note", label="Test", render=render, still_wanted=lambda m: not m.payload.get("left"))
    )
    yield made
    del kinds._kinds["test.note"]


@pytest.fixture
def queue(kind):
    def queue(key, **payload):
        to = payload.pop("to", f"{key}@city.example")
        return queue_message(kind=kind, key=str(key), to=to, language="en", payload=payload)

    return queue


@pytest.fixture
def transport():
    made = Transport()
    yield made
    made.close()
