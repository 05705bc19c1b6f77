"""What is written about groups: to those invited or let in, and to keepers whom somebody asks."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from exchange.connections.blocks import blocked_ids, is_blocked
from exchange.conversations.models import Membership
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
    """Whether it still stands so, the reader still belongs where they read it, and nobody has blocked anybody."""
    membership = _find(message)
    if membership is None or not message.user or membership.state != message.payload["state"]:
        return False
    if membership.group.hidden_at or not is_in_network(message.user):
        return False
    if membership.user_id == message.user.pk:
        return membership.by is None or not is_blocked(membership.by, message.user)
    if is_blocked(membership.user, message.user):
        return False
    return bool(message.user.has_perm("conversations.keep_group", membership.group))


def _render(message: Message) -> Rendered | None:
    membership = _find(message)
    if membership is None:
        return None
    context = {
        "membership": membership,
        "group": membership.group,
        "link": absolute_url(reverse("conversations:group_detail", args=[membership.group_id])),
    }
    return render_email("conversations/membership", message, context)


MEMBERSHIP = register(
    Kind(
        name="conversations.membership",
        label=gettext_lazy("Who joins a group"),
        render=_render,
        still_wanted=_still_wanted,
    )
)
