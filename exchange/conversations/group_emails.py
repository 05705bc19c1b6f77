"""What is written about groups: to those invited or let in, and to keepers whom somebody asks."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url
from config.outbox.services import queue_message
from exchange.connections.blocks import blocked_ids
from exchange.conversations.delivering import ways_of
from exchange.conversations.emails import render_leaveable
from exchange.conversations.models import Delivery, Membership
from members.accounts.models import User
from members.directory.rules import is_in_network


def tell_person(membership: Membership) -> None:
    """Queue that somebody is invited, or let in."""
    if membership.user.is_active:
        _queue(membership, membership.user)


def tell_keepers(membership: Membership) -> None:
    """Queue for each keeper that somebody wants to join."""
    silent = blocked_ids(membership.user)
    keepers = membership.group.memberships.filter(is_keeper=True).exclude(user__in=silent)
    for user in User.objects.filter(pk__in=keepers.values("user"), is_active=True).order_by("pk"):
        _queue(membership, user)


def _queue(membership: Membership, to: User) -> None:
    queue_message(
        kind=MEMBERSHIP,
        key=f"{membership.pk}:{membership.state}:{membership.since:%Y%m%dT%H%M%S.%f}:{to.pk}",
        to=to.email,
        user=to,
        language=to.language,
        payload={"membership": membership.pk, "state": membership.state},
    )


def _find(message: Message) -> Membership | None:
    rows = Membership.objects.select_related("group__office", "user", "by")
    return rows.filter(pk=message.payload["membership"]).first()


def _still_wanted(message: Message) -> bool:
    """Whether it still stands so, and the reader still belongs where they read it."""
    membership = _find(message)
    if membership is None or not message.user or membership.state != message.payload["state"]:
        return False
    if membership.group.hidden_at or not is_in_network(message.user):
        return False
    if ways_of([message.user], Delivery.Area.GROUPS)[message.user.pk] == Delivery.Way.NEVER:
        return False
    if membership.user_id == message.user.pk:
        return True
    return bool(message.user.has_perm("conversations.keep_group", membership.group))


def _render(message: Message) -> Rendered | None:
    membership = _find(message)
    if membership is None or message.user is None:
        return None
    context: dict[str, object] = {
        "membership": membership,
        "group": membership.group,
        "link": absolute_url(reverse("conversations:group_detail", args=[membership.group_id])),
    }
    return render_leaveable("membership", message, message.user, Delivery.Area.GROUPS, context)


MEMBERSHIP = register(
    Kind(
        name="conversations.membership",
        label=gettext_lazy("Who joins a group"),
        render=_render,
        still_wanted=_still_wanted,
    )
)
