"""Coordinators bring members together: they propose two to each other, and each side answers."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from exchange.moderation.silences import check_may_write
from exchange.peers import emails
from exchange.peers.models import Introduction, Notice
from exchange.peers.people import people_to_tell
from exchange.peers.transitions import move
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of


@transaction.atomic
def introduce_members(
    *, member: Member, peer: Member, notice: Notice | None = None, note: str, by: User
) -> Introduction:
    """Propose two members to each other, with a note that both get; their people are written to.

    Args:
        notice: an open ask or offer of `member` that it is about.

    Raises:
        PermissionDenied: `by` coordinates no office.
        ValidationError: no note, the same member twice, one that is not active, may not write or has nobody who could
            answer, a notice that is closed or of another; or the two are proposed to each other about it already.
    """
    if not by.has_perm("peers.add_introduction"):
        raise PermissionDenied
    check_may_write(by)
    if not note.strip():
        raise ValidationError({"note": _("Say why they fit: both sides read it.")})
    if member == peer:
        raise ValidationError({"peer": _("Choose another member than the one that asks.")})
    if notice:
        notice = Notice.objects.select_for_update(of=("self",)).select_related("member").get(pk=notice.pk)
        if not notice.is_open or notice.member_id != member.pk:
            raise ValidationError(_("This is closed meanwhile."))
    for name, side in (("member", member), ("peer", peer)):
        if why := _why_not(side):
            raise ValidationError({name if notice is None else "peer": why})
    introduction = Introduction(notice=notice, member=member, peer=peer, note=note.strip(), by=by)
    introduction.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            introduction.save()
    except IntegrityError:
        raise ValidationError(_("They are proposed to each other already, and have not both answered.")) from None
    record(verb="introduced", obj=introduction, by=by, member_id=member.pk, details={"peer": peer.pk})
    emails.queue_introduction(introduction)
    return introduction


@transaction.atomic
def answer_introduction(*, introduction: Introduction, member: Member, interested: bool, by: User) -> Introduction:
    """Answer for one side. Once both are interested, both are told; one that is not ends it, and only the coordinator is.

    Raises:
        PermissionDenied: `by` does not write for `member`, or it is neither side.
        ValidationError: it is settled, or this side has answered already.
    """
    if member.pk not in {introduction.member_id, introduction.peer_id} or member.pk not in roles_of(by).writes_for:
        raise PermissionDenied
    introduction = _lock(introduction)
    side = "member_answer" if member.pk == introduction.member_id else "peer_answer"
    move(introduction, "answer")
    answers = Introduction.Answer
    if getattr(introduction, side) != answers.WAITING:
        raise ValidationError(_("Your side has answered already."))
    setattr(introduction, side, answers.INTERESTED if interested else answers.DECLINED)
    both = {introduction.member_answer, introduction.peer_answer}
    if answers.DECLINED in both:
        _settle(introduction, "decline")
    elif both == {answers.INTERESTED}:
        _settle(introduction, "agree")
    introduction.save()
    record(
        verb="introduction_answered", obj=introduction, by=by, member_id=member.pk, details={"interested": interested}
    )
    emails.queue_answered(introduction)
    return introduction


@transaction.atomic
def withdraw_introduction(*, introduction: Introduction, by: User) -> None:
    """Take a proposal back before both have answered.

    Raises:
        PermissionDenied: `by` coordinates neither side and did not make it.
        ValidationError: it is settled.
    """
    if not by.has_perm("peers.withdraw_introduction", introduction):
        raise PermissionDenied
    introduction = _lock(introduction)
    _settle(introduction, "withdraw")
    introduction.save()
    record(verb="introduction_withdrawn", obj=introduction, by=by, member_id=introduction.member_id)


def _why_not(member: Member) -> str:
    """Return why a member cannot be asked; empty where it can."""
    if not member.takes_part:
        return _("%(member)s takes part in nothing new for now.") % {"member": member}
    if not people_to_tell(member):
        return _("Nobody of %(member)s has an account, so nobody could answer. Write to its contact first.") % {
            "member": member
        }
    return ""


def _settle(introduction: Introduction, act: str) -> None:
    move(introduction, act)
    introduction.settled_at = timezone.now()


def _lock(introduction: Introduction) -> Introduction:
    rows = Introduction.objects.select_for_update(of=("self",)).select_related("member", "peer", "notice__person", "by")
    found: Introduction = rows.get(pk=introduction.pk)
    return found
