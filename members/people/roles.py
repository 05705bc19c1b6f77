"""Who does what at a member: roles are set, people leave, and there is always a liaison."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from config.journal.services import record
from members.accounts.models import User
from members.directory.contact_checks import release_contacts
from members.directory.leaving import hand_over_work
from members.directory.models import Member, MemberRole, OfficeRole
from members.directory.rules import forget_roles
from members.people import emails

Role = MemberRole.Role


@transaction.atomic
def set_role(*, role: MemberRole, to: str, by: User) -> MemberRole:
    """Let a person do something else at their member. They get an e-mail.

    Raises:
        PermissionDenied: `by` does not look after the people of the member.
        ValidationError: they have left meanwhile, it is no role, or the member would be without a liaison.
    """
    if not by.has_perm("directory.invite_to_member", role.member):
        raise PermissionDenied
    if to not in Role.values:
        raise ValidationError({"role": _("There is no such role.")})
    role = _lock(role)
    _check_may_still(by, role.member)
    if role.role == to:
        return role
    _check_liaison_stays(role)
    former, role.role = role.role, to
    role.save(update_fields=["role"])
    forget_roles(role.user)
    details = {"user": role.user_id, "from": former, "to": to}
    record(verb="role_set", obj=role.member, by=by, member_id=role.member_id, details=details)
    emails.queue_role_set(role, by)
    return role


@transaction.atomic
def remove_person(*, role: MemberRole, by: User) -> None:
    """End somebody's role at a member: a liaison's decision, or their own. Their work is handed over.

    The person and the liaisons who stay get an e-mail, whoever did it excepted. What is published stays the member's.

    Raises:
        PermissionDenied: `by` is neither the person nor looks after the people of the member.
        ValidationError: they have left meanwhile, or the member would be without a liaison.
    """
    if by != role.user and not by.has_perm("directory.invite_to_member", role.member):
        raise PermissionDenied
    role = _lock(role)
    if by != role.user:
        _check_may_still(by, role.member)
    _check_liaison_stays(role)
    _end(role, by)


@transaction.atomic
def move_person(*, role: MemberRole, to: Member, as_role: str, by: User) -> MemberRole:
    """Let somebody who changes jobs go on at another member with the same account.

    Publications stay with the member that is left, and so does work that is not finished.

    Raises:
        PermissionDenied: `by` does not look after the people of both members.
        ValidationError: they have left meanwhile, or the member that is left would be without a liaison.
    """
    for member in (role.member, to):
        if not by.has_perm("directory.invite_to_member", member):
            raise PermissionDenied
    return change_member(user=role.user, leaves=role.member, to=to, as_role=as_role, by=by)


def change_member(*, user: User, leaves: Member | None, to: Member, as_role: str, by: User) -> MemberRole:
    """Give `user` a role at `to` and end the one at `leaves`; the caller has asked whether `by` may.

    Raises:
        ValidationError: the member that is left would be without a liaison.
    """
    # In the order of their keys, so that two who change places do not wait for each other.
    list(Member.objects.select_for_update().filter(pk__in=[one.pk for one in (leaves, to) if one]).order_by("pk"))
    former = MemberRole.objects.filter(user=user, member=leaves).first() if leaves and leaves != to else None
    if former:
        _check_liaison_stays(former)
    role, made = MemberRole.objects.get_or_create(user=user, member=to, defaults={"role": as_role})
    if made:
        details = {"role": role.role, "from": former.member_id if former else None}
        record(verb="joined", obj=to, by=by, member_id=to.pk, details=details)
    if former:
        _end(former, by)
    forget_roles(user)
    return role


@transaction.atomic
def leave_everything(*, user: User, by: User) -> None:
    """End every role of somebody whose account ends, also as the last liaison: the coordinators then look after it."""
    for role in MemberRole.objects.filter(user=user).select_related("member", "user").order_by("member"):
        Member.objects.select_for_update().get(pk=role.member_id)
        _end(role, by, tell_person=False)
    for at_office in OfficeRole.objects.filter(user=user).select_related("office", "user").order_by("office"):
        office = at_office.office
        at_office.delete()
        forget_roles(user)
        record(verb="left", obj=office, by=by, office_id=office.pk, details={"user": user.pk})
        hand_over_work(user, office, by)


def _end(role: MemberRole, by: User, *, tell_person: bool = True) -> None:
    user, member = role.user, role.member
    was = role.role
    role.delete()
    forget_roles(user)
    release_contacts(member=member, user=user)
    record(
        verb="left" if by == user else "removed", obj=member, by=by, member_id=member.pk,
        details={"user": user.pk, "role": was},
    )  # fmt: skip
    hand_over_work(user, member, by)
    emails.queue_left(member, user, by, tell_person=tell_person)


def _lock(role: MemberRole) -> MemberRole:
    """Return the role as it is now, after everybody else who changes people of this member."""
    Member.objects.select_for_update().get(pk=role.member_id)
    try:
        found: MemberRole = MemberRole.objects.select_related("user", "member__office").get(pk=role.pk)
    except MemberRole.DoesNotExist:
        raise ValidationError(_("This person has left meanwhile.")) from None
    return found


def _check_may_still(by: User, member: Member) -> None:
    """Ask again under the lock: of two liaisons who remove each other at once, the second is none any more."""
    forget_roles(by)
    if not by.has_perm("directory.invite_to_member", member):
        raise PermissionDenied


def _check_liaison_stays(role: MemberRole) -> None:
    others = MemberRole.objects.filter(member=role.member_id, role=Role.LIAISON, user__is_active=True)
    if role.role == Role.LIAISON and not others.exclude(pk=role.pk).exists():
        raise ValidationError(_("A member needs a liaison. Make somebody else liaison first."), code="last_liaison")
