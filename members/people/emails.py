"""What people are told about their place at a member."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from members.accounts.models import User
from members.directory.models import Member, MemberRole, OfficeRole
from members.people.models import JoinRequest


def keepers_of(member: Member) -> list[User]:
    """Return who looks after the people of a member: its liaisons, else the office's coordinators."""
    active = User.objects.filter(is_active=True)
    liaisons = active.filter(member_roles__member=member, member_roles__role=MemberRole.Role.LIAISON)
    office = active.filter(office_roles__office=member.office_id, office_roles__role=OfficeRole.Role.COORDINATOR)
    return list(liaisons.order_by("pk")) or list(office.order_by("pk"))


def queue_role_set(role: MemberRole, by: User) -> None:
    """Tell somebody that they have another role."""
    if role.user != by:
        _tell([role.user], ROLE_SET, f"{role.pk}:{_now()}", {"role": role.pk, "as": role.role, "by": by.pk})


def queue_left(member: Member, user: User, by: User, *, tell_person: bool) -> None:
    """Tell somebody that their role has ended, and those who look after the people there that one fewer is there."""
    payload: dict[str, object] = {"member": member.pk, "user": user.pk, "by": by.pk}
    if tell_person and user != by:
        _tell([user], REMOVED, f"{member.pk}:{_now()}", payload)
    others = [one for one in keepers_of(member) if one not in {user, by}]
    _tell(others, LEFT, f"{member.pk}:{user.pk}:{_now()}", payload)


def queue_join_requested(asked: JoinRequest) -> None:
    _tell(keepers_of(asked.member), JOIN_REQUESTED, str(asked.pk), {"request": asked.pk})


def queue_join_answered(asked: JoinRequest) -> None:
    _tell([asked.user], JOIN_ANSWERED, str(asked.pk), {"request": asked.pk})


def _tell(people: Iterable[User], kind: Kind, key: str, payload: dict[str, object]) -> None:
    for person in people:
        queue_message(
            kind=kind, key=f"{key}:{person.pk}", to=person.email, user=person, language=person.language, payload=payload
        )


def _now() -> str:
    return f"{timezone.now():%Y%m%dT%H%M%S.%f}"


def _link(member: Member) -> str:
    return absolute_url(member.get_absolute_url())


def _render_role_set(message: Message) -> Rendered | None:
    role = MemberRole.objects.select_related("member").filter(pk=message.payload["role"]).first()
    by = User.objects.filter(pk=message.payload["by"]).first()
    if role is None or by is None or role.role != message.payload["as"]:
        return None
    return render_email("people/role_set", message, {"role": role, "by": by, "link": _link(role.member)})


def _render_departure(message: Message, template: str) -> Rendered | None:
    member = Member.objects.filter(pk=message.payload["member"]).first()
    person = User.objects.filter(pk=message.payload["user"]).first()
    by = User.objects.filter(pk=message.payload["by"]).first()
    if member is None or person is None or by is None:
        return None
    context = {"member": member, "person": person, "by": by, "own": by == person, "link": _link(member)}
    return render_email(f"people/{template}", message, context)


def _render_removed(message: Message) -> Rendered | None:
    member, user = message.payload["member"], message.payload["user"]
    if MemberRole.objects.filter(member=member, user=user).exists():
        return None  # they have come back meanwhile
    return _render_departure(message, "removed")


def _render_left(message: Message) -> Rendered | None:
    return _render_departure(message, "left")


def _asked(message: Message) -> JoinRequest | None:
    found: JoinRequest | None = (
        JoinRequest.objects.select_related("user", "member", "leaves", "answered_by")
        .filter(pk=message.payload["request"])
        .first()
    )
    return found


def _is_still_asked(message: Message) -> bool:
    asked = _asked(message)
    return bool(asked and asked.answered_at is None and message.user in keepers_of(asked.member))


def _render_join_requested(message: Message) -> Rendered | None:
    asked = _asked(message)
    if asked is None:
        return None
    link = absolute_url(reverse("people:request_detail", args=[asked.pk]))
    return render_email("people/join_requested", message, {"asked": asked, "link": link})


def _render_join_answered(message: Message) -> Rendered | None:
    asked = _asked(message)
    if asked is None or asked.answered_at is None:
        return None
    link = _link(asked.member) if asked.approved else absolute_url(reverse("accounts:profile"))
    return render_email("people/join_answered", message, {"asked": asked, "link": link})


ROLE_SET = register(Kind(name="people.role_set", label=gettext_lazy("Another role"), render=_render_role_set))
REMOVED = register(Kind(name="people.removed", label=gettext_lazy("Role ended"), render=_render_removed))
LEFT = register(Kind(name="people.left", label=gettext_lazy("Somebody left"), render=_render_left))
JOIN_REQUESTED = register(
    Kind(
        name="people.join_requested",
        label=gettext_lazy("Request to join"),
        render=_render_join_requested,
        still_wanted=_is_still_asked,
    )
)
JOIN_ANSWERED = register(
    Kind(name="people.join_answered", label=gettext_lazy("Answer to a request to join"), render=_render_join_answered)
)
