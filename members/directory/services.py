"""Invitations: a liaison or a coordinator asks a colleague to join a member."""

from datetime import timedelta
from typing import Protocol

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from config.outbox.services import queue_message
from members.accounts.models import User
from members.directory.emails import INVITATION
from members.directory.models import Invitation, Member, MemberRole
from members.directory.rules import forget_roles

LIFE = timedelta(days=14)
MOST_A_DAY = 50  # invitations by one person


class InvitationService(Protocol):
    """An act on an invitation by somebody."""

    def __call__(self, *, invitation: Invitation, by: User) -> None: ...


@transaction.atomic
def invite_colleague(*, member: Member, email: str, role: str, language: str, by: User) -> Invitation:
    """Invite the holder of `email` to `member` and write to them.

    Raises:
        PermissionDenied: `by` may not invite people to this member.
        ValidationError: they are there already, or invited already, or `by` has invited too many today.
    """
    _check_may_invite(member, by)
    email = email.strip().lower()
    Member.objects.select_for_update().get(pk=member.pk)  # two invitations at once come one after the other
    if MemberRole.objects.filter(member=member, user__email__iexact=email).exists():
        raise ValidationError({"email": _("This person is here already.")})
    if by.invitations_sent.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() >= MOST_A_DAY:
        raise ValidationError(_("You have sent many invitations today. Please go on tomorrow."))
    for earlier in Invitation.objects.open().filter(member=member, email=email):
        if not earlier.is_expired:
            raise ValidationError({"email": _("This person is invited already. You can send the invitation again.")})
        earlier.withdrawn_at = timezone.now()
        earlier.save(update_fields=["withdrawn_at"])
    return _invite(member=member, email=email, role=role, language=language, by=by)


@transaction.atomic
def invite_liaison(*, member: Member, email: str, language: str, by: User) -> Invitation | None:
    """Invite the first liaison of a member that has just joined; `by` is whoever did the act that this follows from.

    Returns:
        None where that address is invited already.
    """
    email = email.strip().lower()
    if Invitation.objects.open().filter(member=member, email=email).exists():
        return None
    return _invite(member=member, email=email, role=MemberRole.Role.LIAISON, language=language, by=by)


def _invite(*, member: Member, email: str, role: str, language: str, by: User) -> Invitation:
    invitation = Invitation(
        member=member, email=email, role=role, language=language, invited_by=by, expires_at=timezone.now() + LIFE
    )
    invitation.full_clean()
    invitation.save()
    record(verb="invited", obj=member, by=by, member_id=member.pk, details={"role": role})
    _write_to(invitation)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: User) -> None:
    """Write again; the link then works for the full time from now.

    Raises:
        PermissionDenied: `by` may not invite people to this member.
        ValidationError: it was accepted or withdrawn meanwhile.
    """
    _check_may_invite(invitation.member, by)
    invitation = _lock_open(invitation)
    invitation.expires_at = timezone.now() + LIFE
    invitation.save(update_fields=["expires_at"])
    _write_to(invitation)


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    """Make the link useless.

    Raises:
        PermissionDenied: `by` may not invite people to this member.
        ValidationError: it was accepted or withdrawn meanwhile.
    """
    _check_may_invite(invitation.member, by)
    invitation = _lock_open(invitation)
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    record(verb="invitation_withdrawn", obj=invitation.member, by=by, member_id=invitation.member_id)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, by: User) -> MemberRole:
    """Give `by` the role they were invited to.

    Raises:
        PermissionDenied: the invitation is for another address.
        ValidationError: it has expired, or was accepted or withdrawn meanwhile.
    """
    if by.email.lower() != invitation.email:
        raise PermissionDenied
    invitation = _lock_open(invitation)
    if invitation.is_expired:
        raise ValidationError(_("This invitation has expired."))
    role, _created = MemberRole.objects.get_or_create(
        user=by, member=invitation.member, defaults={"role": invitation.role}
    )
    invitation.accepted_at, invitation.accepted_by = timezone.now(), by
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    forget_roles(by)
    record(verb="joined", obj=invitation.member, by=by, member_id=invitation.member_id, details={"role": role.role})
    return role


@transaction.atomic
def register_invited_person(
    *, invitation: Invitation, name: str, job_title: str, time_zone: str, language: str, password: str
) -> User:
    """Make an account for whoever holds the invitation's link, which proves their address, and accept for them.

    Raises:
        ValidationError: see `accept_invitation`; or the address has got an account meanwhile.
    """
    invitation = _lock_open(invitation)  # a link used twice at once makes one account
    user = User(
        email=invitation.email, name=name, job_title=job_title, time_zone=time_zone, language=language,
        languages_read=[language],
    )  # fmt: skip
    user.set_password(password)
    user.full_clean()
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    accept_invitation(invitation=invitation, by=user)
    return user


def _check_may_invite(member: Member, by: User) -> None:
    if not by.has_perm("directory.invite_to_member", member):
        raise PermissionDenied


def _lock_open(invitation: Invitation) -> Invitation:
    locked: Invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if locked.accepted_at:
        raise ValidationError(_("This invitation was accepted already."))
    if locked.withdrawn_at:
        raise ValidationError(_("This invitation was withdrawn."))
    return locked


def _write_to(invitation: Invitation) -> None:
    queue_message(
        kind=INVITATION,
        key=f"{invitation.pk}:{invitation.expires_at:%Y%m%dT%H%M%S.%f}",
        to=invitation.email,
        language=invitation.language,
        payload={"invitation": invitation.pk},
        expires_at=invitation.expires_at,
    )
