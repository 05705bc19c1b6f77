"""A line to queue a message of the tests' own kind, and a connection that is closed at the end."""

import pytest

from config.outbox.services import queue_message
from config.outbox.transport import Transport


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
