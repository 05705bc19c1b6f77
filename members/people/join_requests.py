"""Joining by a verified address of a member's domain, with the consent of its liaison."""

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from members.accounts.models import User
from members.directory.models import Member, MemberRole
from members.people import emails
from members.people.models import JoinRequest
from members.people.roles import change_member


def may_join(member: Member, email: str) -> bool:
    """Whether somebody with the verified address `email` may ask to belong to `member`."""
    return member.is_active and email.rpartition("@")[2].lower() in {one.lower() for one in member.email_domains}


def verified_address(user: User) -> str | None:
    """Return the address of `user` where they have proved that they read it."""
    found = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
    return user.email if found else None


def members_to_join(user: User) -> QuerySet[Member]:
    """Return the members that `user` may ask: of the domain of their address, and not theirs already."""
    email = verified_address(user)
    rows: QuerySet[Member] = Member.objects.active().exclude(roles__user=user)
    if email is None:
        return rows.none()
    return rows.filter(email_domains__contains=[email.rpartition("@")[2].lower()]).order_by("name_en", "pk")


@transaction.atomic
def request_to_join(*, member: Member, leaves: Member | None, by: User) -> JoinRequest:
    """Ask the liaisons of `member` to let `by` in; they, or where there is none the coordinators, get an e-mail.

    Args:
        leaves: the member that `by` leaves once they are let in.

    Raises:
        PermissionDenied: the address of `by` is not verified, or not of one of the member's domains.
        ValidationError: they are there already, have asked already, or do not belong to `leaves`.
    """
    email = verified_address(by)
    if email is None or not may_join(member, email):
        raise PermissionDenied
    Member.objects.select_for_update().get(pk=member.pk)
    if MemberRole.objects.filter(user=by, member=member).exists():
        raise ValidationError(_("You belong to this member already."))
    if JoinRequest.objects.open().filter(user=by, member=member).exists():
        raise ValidationError(_("You have asked already. A liaison will answer."))
    if leaves and not MemberRole.objects.filter(user=by, member=leaves).exists():
        raise ValidationError({"leaves": _("You do not belong to this member.")})
    asked = JoinRequest.objects.create(user=by, member=member, leaves=leaves)
    record(verb="join_requested", obj=member, by=by, member_id=member.pk)
    emails.queue_join_requested(asked)
    return asked


@transaction.atomic
def approve_request(*, request: JoinRequest, role: str, by: User) -> MemberRole:
    """Let somebody in, and end their role at the member that they leave. They get an e-mail.

    Raises:
        PermissionDenied: `by` does not look after the people of the member, or asks for themselves.
        ValidationError: it was answered meanwhile; they left the domain; the member that they leave has no other liaison.
    """
    request = _lock_open(request, by)
    if role not in MemberRole.Role.values:
        raise ValidationError({"role": _("There is no such role.")})
    email = verified_address(request.user)
    if not request.user.is_active or email is None or not may_join(request.member, email):
        raise ValidationError(_("Their address is not one of this member’s any more."))
    _answer(request, by, approved=True)
    found = change_member(user=request.user, leaves=request.leaves, to=request.member, as_role=role, by=by)
    emails.queue_join_answered(request)
    return found


@transaction.atomic
def decline_request(*, request: JoinRequest, reason: str, by: User) -> None:
    """Do not let somebody in. They get an e-mail with the reason.

    Raises:
        PermissionDenied: as `approve_request`.
        ValidationError: no reason, or it was answered meanwhile.
    """
    request = _lock_open(request, by)
    request.reason = reason.strip()
    if not request.reason:
        raise ValidationError({"reason": _("Please say why.")})
    _answer(request, by, approved=False)
    record(verb="join_declined", obj=request.member, by=by, member_id=request.member_id, person=request.user)
    emails.queue_join_answered(request)


@transaction.atomic
def withdraw_request(*, request: JoinRequest, by: User) -> None:
    """Take a request of one's own back.

    Raises:
        PermissionDenied: it is somebody else's.
    """
    if request.user_id != by.pk:
        raise PermissionDenied
    JoinRequest.objects.open().filter(pk=request.pk).delete()


def _lock_open(request: JoinRequest, by: User) -> JoinRequest:
    if not by.has_perm("people.answer_joinrequest", request):
        raise PermissionDenied
    found: JoinRequest = (
        JoinRequest.objects.select_for_update(of=("self",))
        .select_related("user", "member__office", "leaves")
        .filter(pk=request.pk)
        .first()
    ) or _gone()
    if found.answered_at:
        raise ValidationError(_("This request was answered already."))
    return found


def _gone() -> JoinRequest:
    raise ValidationError(_("This request was taken back."))


def _answer(request: JoinRequest, by: User, *, approved: bool) -> None:
    request.answered_at, request.answered_by, request.approved = timezone.now(), by, approved
    request.full_clean(exclude=["user", "member", "leaves", "answered_by"])
    request.save(update_fields=["answered_at", "answered_by", "approved", "reason"])
