"""What is new in saved searches, as messages: one for all that are due at an hour, and one kind for those at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Prepared, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from members.accounts.models import User
from members.directory.querysets import in_network_q
from practices.library.models import Publication
from practices.search.models import SavedSearch

LEAVE = Signer(salt="exchange.digests.alerts")


@dataclass(frozen=True)
class News:
    """What is new in one search, as it is shown; each publication with its full address."""

    name: str
    url: str
    publications: list[tuple[Publication, str]]
    more: int


def stop_url(searches: Sequence[int]) -> str:
    """Return the address that ends the messages about searches with one click."""
    return absolute_url(reverse("digests:alerts_stop", args=[LEAVE.sign("-".join(map(str, searches)))]))


def _prepare(messages: Sequence[Message]) -> list[Prepared]:
    """Ask which of the searches are still there and wanted, and read what is shown of them; three queries."""
    entries = [entry for one in messages for entry in one.payload["searches"]]
    rows = SavedSearch.objects.filter(pk__in={entry[0] for entry in entries}).exclude(cadence=SavedSearch.Cadence.NEVER)
    searches = {one.pk: one for one in rows}
    readers = {one.user_id for one in messages if one.user_id}
    here = set(User.objects.filter(in_network_q(), pk__in=readers).values_list("pk", flat=True))
    published = Publication.objects.published().filter(pk__in={pk for entry in entries for pk in entry[1]})
    shown = {one.pk: one for one in published.select_related("owner_member", "owner_office")}
    return [_prepare_one(one, searches, here, shown) for one in messages]


def _prepare_one(
    message: Message, searches: Mapping[int, SavedSearch], here: set[int], shown: Mapping[int, Publication]
) -> Prepared:
    if message.user_id not in here:
        return Prepared(lambda: None, unwanted="the reader has left the network")
    wanted = [entry for entry in message.payload["searches"] if entry[0] in searches]
    if not wanted:
        return Prepared(lambda: None, unwanted="not wanted any more")
    news = list(_news_of(wanted, searches, shown))
    return Prepared(partial(_render, message, news, [entry[0] for entry in wanted]))


def _news_of(
    wanted: Sequence[Any], searches: Mapping[int, SavedSearch], shown: Mapping[int, Publication]
) -> Iterator[News]:
    """Yield the searches that have something to show; what two of them found stands with the first."""
    told: set[int] = set()
    for pk, publications, more in wanted:
        new = [shown[one] for one in publications if one in shown and one not in told]
        told.update(publications)
        if new:
            rows = [(one, absolute_url(one.get_absolute_url())) for one in new]
            yield News(searches[pk].name, absolute_url(searches[pk].get_absolute_url()), rows, more)


def _render(message: Message, news: Sequence[News], searches: Sequence[int]) -> Rendered | None:
    if not news:
        return None
    leave = stop_url(searches)
    context = {
        "news": news,
        "first": news[0].publications[0][0],
        "count": sum(len(one.publications) + one.more for one in news),
        "stop_url": leave,
        "settings_url": absolute_url(reverse("search:saved_list")),
    }
    headers = {
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<searches.{settings.MAIL_DOMAIN}>",
    }
    return render_email("digests/alert", message, context, headers)


ALERT = register(
    Kind(
        name="digests.alert",
        label=gettext_lazy("What is new in saved searches"),
        scope="digest",
        priority=Message.Priority.BULK,
        prepare=_prepare,
    )
)
ALERT_AT_ONCE = register(
    Kind(
        name="digests.alert_at_once",
        label=gettext_lazy("What is new in a saved search, at once"),
        scope="digest",
        priority=Message.Priority.BULK,
        prepare=_prepare,
    )
)
