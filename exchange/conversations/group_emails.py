"""What is written about groups: to those invited or let in, to keepers whom somebody asks, and when a group meets."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.journal.services import record_for
from config.kit.calendars import invitation
from config.outbox.kinds import CalendarPart, Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url
from config.outbox.services import queue_message
from exchange.connections.blocks import blocked_ids, is_blocked
from exchange.conversations.calendar import occasion_of
from exchange.conversations.delivering import deliver, still_wants, ways_of
from exchange.conversations.emails import render_leaveable
from exchange.conversations.models import Delivery, Group, GroupEvent, Membership
from members.accounts.models import User
from members.directory.querysets import in_network_q
from members.directory.rules import is_in_network

AREA, JOINS = Delivery.Area.GROUPS, Delivery.Area.JOINS


def tell_person(membership: Membership) -> None:
    """Tell somebody that they are invited, or let in, as they want to hear of it."""
    _tell(membership, [membership.user])


def tell_keepers(membership: Membership) -> None:
    """Tell each keeper that somebody wants to join, as they want to hear of it."""
    silent = blocked_ids(membership.user)
    keepers = membership.group.memberships.filter(is_keeper=True).exclude(user__in=silent)
    _tell(membership, User.objects.filter(pk__in=keepers.values("user")).order_by("pk"))


def _tell(membership: Membership, people: Iterable[User]) -> None:
    here = [one for one in people if one.is_active]
    ways = ways_of(here, JOINS)
    for person in here:
        if ways[person.pk] == Delivery.Way.AT_ONCE:
            _queue(membership, person)
    in_digest = [one for one in here if ways[one.pk] == Delivery.Way.DIGEST]
    record_for(people=in_digest, verb="group_joins", obj=membership, by=membership.by)


def tell_of_meeting(event: GroupEvent, by: User) -> None:
    """Tell the others in the group when it meets, or does not, each as they want to hear of groups.

    It is the meeting of whoever planned it: a block with a keeper who changes it keeps nobody from hearing of that.
    """
    planner = event.by or by
    members = event.group.memberships.filter(state=Membership.State.MEMBER).exclude(user=by)
    here = User.objects.filter(in_network_q(), pk__in=members.values("user"))
    others = list(User.objects.filter(pk__in=here.values("pk")))
    for author, people in ((planner, others), (by, [one for one in others if one == planner])):
        deliver(
            obj=event, thing=event.group, people=people, kind=MEETING, verb="group_meets", by=author,
            edition=event.sequence,
        )  # fmt: skip


def _queue(membership: Membership, to: User) -> None:
    """Queue that somebody stands so with a group, to one reader once a day: taking back and asking anew tells nobody."""
    queue_message(
        kind=MEMBERSHIP,
        key=f"{membership.pk}:{membership.state}:{membership.since:%Y%m%d}:{to.pk}",
        to=to.email,
        user=to,
        language=to.language,
        payload={"membership": membership.pk, "state": membership.state},
    )


def _find(message: Message) -> Membership | None:
    rows = Membership.objects.select_related("group__office", "user", "by")
    return rows.filter(pk=message.payload["membership"]).first()


def _still_wanted(message: Message) -> bool:
    """Whether it still stands so, the reader belongs where they read it and wants to, and nobody has blocked anybody."""
    membership, user = _find(message), message.user
    if membership is None or not user or membership.state != message.payload["state"]:
        return False
    if membership.group.hidden_at or not is_in_network(user):
        return False
    if ways_of([user], JOINS)[user.pk] != Delivery.Way.AT_ONCE:
        return False
    if membership.user_id == user.pk:
        return membership.by is None or not is_blocked(membership.by, user)
    return user.has_perm("conversations.keep_group", membership.group) and not is_blocked(membership.user, user)


def _render(message: Message) -> Rendered | None:
    membership = _find(message)
    if membership is None or message.user is None:
        return None
    context = _context(membership.group) | {"membership": membership}
    return render_leaveable("membership", message, message.user, JOINS, context)


def _find_event(message: Message) -> GroupEvent | None:
    rows = GroupEvent.objects.select_related("group__office", "by")
    found: GroupEvent | None = rows.filter(pk=message.payload["pk"]).first()
    return found


def _meeting_is_wanted(message: Message) -> bool:
    """Whether nothing newer was sent since, it is still to come, and the reader wants to hear of it at once."""
    event, user = _find_event(message), message.user
    return bool(
        event
        and event.sequence == message.payload["edition"]
        and event.ends_at > timezone.now()
        and event.hidden_at is None
        and user
        and user.has_perm("conversations.take_part", event.group)
        and still_wants(user, event.group, event.by or user)
    )


def _render_meeting(message: Message) -> Rendered | None:
    """Write when a group meets. A group can be large, so the invitation names its reader and nobody else."""
    event, user = _find_event(message), message.user
    if event is None or user is None:
        return None
    method = "CANCEL" if event.cancelled_at else "REQUEST"
    data = invitation(occasion_of(event), [(user.name, user.email)], method=method, made_at=message.created_at)
    context = _context(event.group) | {"event": event}
    return render_leaveable("meeting", message, user, AREA, context, calendar=CalendarPart(method=method, data=data))


def _context(group: Group) -> dict[str, object]:
    return {"group": group, "link": absolute_url(group.get_absolute_url())}


MEMBERSHIP = register(
    Kind(
        name="conversations.membership",
        label=gettext_lazy("Who joins a group"),
        render=_render,
        still_wanted=_still_wanted,
    )
)
MEETING = register(
    Kind(
        name="conversations.meeting",
        label=gettext_lazy("When a group meets"),
        render=_render_meeting,
        still_wanted=_meeting_is_wanted,
    )
)
