"""The digest as a message: composed from ids when it is sent, checked again for what the reader may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.countries import country_name, language_name
from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.vocabulary.models import Pathway, Topic
from exchange.digests.models import Subscription
from exchange.digests.schedule import CLOSEST, in_daytime
from members.accounts.models import User
from members.directory.rules import forget_roles, is_in_network
from practices.editorial.models import Revision
from practices.library.models import Publication

LEAVE = Signer(salt="exchange.digests.leave")
MOST_WAITING = 5


@dataclass(frozen=True)
class ShownItem:
    """A publication with the line that says why it is here."""

    publication: Publication
    reason: str
    link: str


@dataclass(frozen=True)
class Task:
    """Something that waits for the reader."""

    revision: Revision
    text: str
    link: str


def leave_url(subscription: Subscription) -> str:
    """Return the address that ends the digest with one click."""
    return absolute_url(reverse("digests:unsubscribe", args=[LEAVE.sign(str(subscription.pk))]))


def render_digest(message: Message) -> Rendered | None:
    """Return the digest; None where nothing is left of it, or its reader has gone."""
    subscription = Subscription.objects.filter(user=message.user).first()
    return compose_digest(message, subscription) if subscription else None


def compose_digest(message: Message, subscription: Subscription) -> Rendered | None:
    """Return the digest, or None where nothing of what was chosen may be shown any more and nothing waits."""
    user = message.user
    if user is None:
        return None
    items = _items(user, message.payload["items"])
    tasks, more_tasks = _tasks(user) if Subscription.Section.WAITING in subscription.sections else ([], 0)
    if not items and not tasks:
        return None
    leave = leave_url(subscription)
    context = {
        "items": items,
        "tasks": tasks,
        "more_tasks": more_tasks,
        "more": message.payload["more"],
        "list_url": absolute_url(reverse("library:publication_list")),
        "settings_url": absolute_url(reverse("digests:subscription")),
        "leave_url": leave,
        "best": items[0].publication.title if items else tasks[0].revision.title,
        "others": len(items) + len(tasks) - 1 + more_tasks + int(str(message.payload["more"])),
    }
    headers = {
        "List-Unsubscribe": f"<{leave}>, <mailto:{settings.DEFAULT_FROM_EMAIL}?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<digest.{settings.MAIL_DOMAIN}>",
    }
    return render_email("digests/digest", message, context, headers)


def _items(user: User, chosen: Any) -> list[ShownItem]:
    rows = Publication.objects.visible_to(user).published().filter(pk__in=[pk for pk, *_ in chosen])
    by_pk = {row.pk: row for row in rows.with_cards()}
    topics, pathways = Topic.by_code(), Pathway.by_code()
    return [
        ShownItem(by_pk[pk], _reason(reason, about, topics, pathways), absolute_url(by_pk[pk].get_absolute_url()))
        for pk, _version, reason, about in chosen
        if pk in by_pk
    ]


def _reason(code: str, about: str, topics: dict[str, Topic], pathways: dict[str, Pathway]) -> str:
    if code == "topic" and about in topics:
        return _("You follow the topic %(topic)s.") % {"topic": topics[about]}
    if code == "pathway" and about in pathways:
        return _("You follow the pathway %(pathway)s.") % {"pathway": pathways[about]}
    if code == "size":
        return _("From a place of about your size.")
    if code == "country":
        return _("From your country: %(country)s.") % {"country": country_name(about)}
    if code == "language":
        return _("In a language you read: %(language)s.") % {"language": language_name(about)}
    return _("New in the network.")


def _tasks(user: User) -> tuple[list[Task], int]:
    """Return what waits for `user`, the oldest first, and how much more there is."""
    related = ("publication__owner_member__office", "publication__owner_office__parent")
    returned = Revision.objects.written_by(user).filter(state=Revision.State.CHANGES_REQUESTED)
    waiting = Revision.objects.awaiting_review_by(user)
    tasks = [
        Task(one, _("The reviewer asks for changes."), absolute_url(one.get_absolute_url()))
        for one in returned.select_related(*related).order_by("saved_at")[:MOST_WAITING]
    ]
    tasks += [
        Task(one, _("Waits for your review."), absolute_url(reverse("editorial:revision_review", args=[one.pk])))
        for one in waiting.select_related(*related)[:MOST_WAITING]
    ]
    return tasks, returned.count() + waiting.count() - len(tasks)


def _still_wanted(message: Message) -> bool:
    """Whether the reader still wants digests, and still belongs to the network."""
    if message.user is None:
        return False
    forget_roles(message.user)
    wanted = Subscription.objects.filter(user=message.user).exclude(cadence=Subscription.Cadence.NEVER).exists()
    return wanted and bool(is_in_network(message.user))


def _hold_until(message: Message) -> datetime | None:
    """When the mail server was out of reach, what is late waits for the morning, or leaves its place to the next one.

    One that its reader has asked for comes at any hour.
    """
    subscription = Subscription.objects.filter(user=message.user).first()
    if subscription is None or message.payload.get("asked"):
        return None
    now = timezone.now()
    start = in_daytime(now, subscription.zone)
    if message.expires_at and start + CLOSEST > message.expires_at:
        return message.expires_at
    return start if start > now else None


def _move_watermark(message: Message) -> None:
    """What was sent was read as far as we can know: the next digest begins after it."""
    high = message.payload["high"]
    Subscription.objects.filter(user=message.user, confirmed_no__lt=high).update(confirmed_no=high)


DIGEST = register(
    Kind(
        name="digests.digest",
        scope="digest",
        priority=Message.Priority.BULK,
        render=render_digest,
        still_wanted=_still_wanted,
        hold_until=_hold_until,
        on_sent=_move_watermark,
    )
)
