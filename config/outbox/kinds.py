"""The kinds of message that rooms register, so that the outbox never needs to know the rooms."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from config.outbox.models import Message


@dataclass(frozen=True)
class Rendered:
    """What a message says. `headers` come in addition to those that every message has."""

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


class Render(Protocol):
    """Turn a message's ids into text, in `message.language`; None where there is nothing left to say."""

    def __call__(self, message: Message) -> Rendered | None: ...


def _always(_message: Message) -> bool:
    return True


def _nothing(_message: Message) -> None:
    return None


@dataclass(frozen=True)
class Kind:
    """How to treat one kind of message.

    Attributes:
        name: `room.message`, kept in `Message.kind`.
        scope: "account" (never suppressed), "all" (personal notices) or "digest"; see `Suppression.Scope`.
        render: called just before sending, under the recipient's language.
        still_wanted: asked again at the claim; False makes the message `suppressed`.
        hold_until: asked at the claim; a message waits where that is a time to come.
        on_sent: called in the transaction that marks the message as sent.
    """

    name: str
    render: Render
    scope: str = "all"
    priority: Message.Priority = Message.Priority.TRANSACTIONAL
    still_wanted: Callable[[Message], bool] = _always
    hold_until: Callable[[Message], datetime | None] = _nothing
    on_sent: Callable[[Message], None] = _nothing


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make `kind` known; called from a room's `emails.py`, which its AppConfig imports in `ready`."""
    _kinds[kind.name] = kind
    return kind


def get_kind(name: str) -> Kind:
    """Return the kind registered as `name`.

    Raises:
        KeyError: no room registers it (any more).
    """
    return _kinds[name]
