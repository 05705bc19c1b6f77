"""Two members that became one, as after a merger of municipalities, or that were always the same."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from members.accounts.models import User
from members.directory.models import Member, MemberRole
from members.directory.rules import forget_roles

Move = Callable[[Member, Member, User], None]
STRONGEST = (MemberRole.Role.LIAISON, MemberRole.Role.CONTRIBUTOR, MemberRole.Role.READER)
_moves: list[Move] = []


def register_merge(move: Move) -> None:
    """Have `move(member, into, by)` called in the transaction that merges `member` into another; from ready()."""
    _moves.append(move)


@transaction.atomic
def merge_member(*, member: Member, into: Member, by: User) -> None:
    """Give everything of `member` to another one; its address leads there from then on, and it is active no more.

    People keep the stronger of two roles. Functions that the other has already stay as they are there. Membership years
    and invoices stay where they were issued, because they are documents.

    Raises:
        PermissionDenied: `by` does not administer the network.
        ValidationError: it is the same member, or one of the two was merged already.
    """
    if not by.has_perm("directory.merge_member", member):
        raise PermissionDenied
    pks = [member.pk, into.pk]
    rows = {one.pk: one for one in Member.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    member, into = rows[pks[0]], rows[pks[1]]
    if member == into:
        raise ValidationError({"into": _("This is the same member.")})
    for one in (member, into):
        if one.merged_into_id:
            raise ValidationError({"into": _("%(member)s was merged already.") % {"member": one}})
    _move_people(member, into)
    _move_facts(member, into)
    for move in _moves:
        move(member, into, by)
    member.is_active, member.merged_into, member.email_domains = False, into, []
    member.save(update_fields=["is_active", "merged_into", "email_domains"])
    audience = Entry.Audience.MEMBER
    record(verb="merged", obj=into, by=by, member_id=into.pk, audience=audience, details={"member": member.name})


def _move_people(member: Member, into: Member) -> None:
    there = {one.user_id: one for one in into.roles.all()}
    for role in member.roles.select_related("user"):
        known = there.get(role.user_id)
        if known is None:
            role.member = into
            role.save(update_fields=["member"])
        else:
            known.role = min(known.role, role.role, key=lambda one: STRONGEST.index(MemberRole.Role(one)))
            known.save(update_fields=["role"])
            role.delete()
        forget_roles(role.user)
    invited = {one.email for one in into.invitations.open()}
    for invitation in member.invitations.open():
        if invitation.email in invited:
            invitation.withdrawn_at = timezone.now()
        else:
            invitation.member = into
        invitation.save(update_fields=["member", "withdrawn_at"])


def _move_facts(member: Member, into: Member) -> None:
    functions = set(into.contacts.values_list("function", flat=True))
    member.contacts.exclude(function__in=functions).update(member=into)
    into.associations.add(*member.associations.exclude(pk=into.pk))
    into.brings_in.add(*member.brings_in.exclude(pk=into.pk))
    member.associations.clear()
    member.brings_in.clear()
    into.email_domains = list(dict.fromkeys([*into.email_domains, *member.email_domains]))
    into.save(update_fields=["email_domains"])
