"""The kinds of message that rooms register, so that the outbox never needs to know the rooms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol

from django.utils.functional import Promise

from config.outbox.encoding import QuotedPrintable
from config.outbox.models import Message


@dataclass(frozen=True)
class CalendarPart:
    """An event for the reader's calendar (RFC 6047): `data` says METHOD:`method`."""

    method: str
    data: bytes


@dataclass(frozen=True)
class Rendered:
    """What a message says. `headers` come in addition to those that every message has.

    The parts are `str`, or `QuotedPrintable` where they were encoded before.
    """

    subject: str
    text: str | QuotedPrintable
    html: str | QuotedPrintable
    headers: dict[str, str] = field(default_factory=dict)
    calendar: CalendarPart | None = None


class Render(Protocol):
    """Turn a message's ids into text, in `message.language`; None where there is nothing left to say."""

    def __call__(self, message: Message) -> Rendered | None: ...


@dataclass(frozen=True)
class Prepared:
    """A claimed message with everything that is needed to write it.

    Attributes:
        render: called just before sending, under the recipient's language; None where there is nothing left to say.
        unwanted: why it is not to be sent any more; empty where it is.
        hold_until: it waits where that is a time to come.
    """

    render: Callable[[], Rendered | None]
    unwanted: str = ""
    hold_until: datetime | None = None


class Prepare(Protocol):
    """Look at messages that were claimed together, in as many queries for two hundred as for one."""

    def __call__(self, messages: Sequence[Message]) -> list[Prepared]: ...


def _always(_message: Message) -> bool:
    return True


@dataclass(frozen=True)
class Kind:
    """How to treat one kind of message.

    Attributes:
        name: `room.message`, kept in `Message.kind`.
        label: what people call it, for the list of outgoing mail.
        render: writes one message; not needed where `prepare` is there.
        scope: "account" (never suppressed), "all" (personal notices) or "digest"; see `Suppression.Scope`.
        still_wanted: asked again at the claim; False makes the message `suppressed`.
        prepare: instead of `render` and `still_wanted`, for kinds that go out by the thousand.
    """

    name: str
    label: str | Promise
    render: Render | None = None
    scope: str = "all"
    priority: Message.Priority = Message.Priority.TRANSACTIONAL
    still_wanted: Callable[[Message], bool] = _always
    prepare: Prepare | None = None

    def look_at(self, messages: Sequence[Message]) -> list[Prepared]:
        """Return what is to be done with each of `messages`, in their order."""
        if self.prepare:
            return self.prepare(messages)
        return [self._look_at_one(message) for message in messages]

    def _look_at_one(self, message: Message) -> Prepared:
        if self.render is None:
            raise TypeError(f"{self.name} has neither render nor prepare")
        unwanted = "" if self.still_wanted(message) else "not wanted any more"
        return Prepared(partial(self.render, message), unwanted)


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


def scope_of(name: str) -> str:
    """Return the scope of the kind `name`; an empty string where no room registers it any more."""
    return _kinds[name].scope if name in _kinds else ""


def all_kinds() -> list[Kind]:
    """Return every kind that is registered, by name."""
    return [_kinds[name] for name in sorted(_kinds)]
