"""What tests of digests do again and again."""

from datetime import UTC, datetime

from config.outbox.models import Message
from practices.library.models import Publication

TITLE = "Heat from data centres"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def digests():
    return list(Message.objects.filter(kind="digests.digest").order_by("pk"))


def titles_of(message):
    names = dict(Publication.objects.values_list("pk", "title"))
    return [names[pk] for pk, *_ in message.payload["items"]]
