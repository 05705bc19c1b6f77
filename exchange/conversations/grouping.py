"""Every write to groups and to who is in them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from config.kit.texts import tidy_text, tidy_values
from exchange.connections.blocks import is_blocked
from exchange.conversations.group_emails import tell_keepers, tell_person
from exchange.conversations.limits import check_may_invite, sent_before
from exchange.conversations.memberships import KEEPERS_ACTS, NEW, OWN_ACTS, move
from exchange.conversations.models import Following, Group, Membership
from exchange.conversations.models.groups import NAME_TAKEN
from exchange.moderation.silences import check_may_write
from members.accounts.models import User
from members.directory.querysets import in_network_q
from members.directory.rules import is_in_network, roles_of
from members.people.seeing import people_visible_to

FACTS = ("name", "kind", "admission", "about", "topic", "office")
MOST_FOUNDED = 10  # live groups by one person
State = Membership.State
Admission = Group.Admission


@transaction.atomic
def found_group(*, values: Mapping[str, Any], by: User) -> Group:
    """Found a group, whose first keeper is `by`; what was sent twice founds one.

    Args:
        values: see `FACTS`.

    Raises:
        PermissionDenied: `by` has left the network.
        ValidationError: by field.
    """
    if not is_in_network(by):
        raise PermissionDenied
    check_may_write(by)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    values = _tidy(values)
    same = Group.objects.live().filter(**{name: values.get(name) for name in FACTS})
    sent: Group | None = sent_before(same, by=by, who="founded_by", at="founded_at")
    if sent:
        return sent
    if Group.objects.live().filter(founded_by=by).count() >= MOST_FOUNDED:
        raise ValidationError(_("You have founded %(most)s groups that are still there.") % {"most": MOST_FOUNDED})
    group = Group(founded_by=by)
    _write(group, values, by)
    _save(group)
    Membership.objects.create(
        group=group, user=by, state=State.MEMBER, is_keeper=True, by=by, since=timezone.now()
    )  # fmt: skip
    _record(group, "group_founded", by)
    return group


@transaction.atomic
def change_group(*, group: Group, values: Mapping[str, Any], by: User) -> Group:
    """Change what a group says of itself, and who can join it. Where it closes, nobody waits for an answer any more.

    Raises:
        PermissionDenied: `by` does not keep it.
        ValidationError: by field.
    """
    if not by.has_perm("conversations.keep_group", group):
        raise PermissionDenied
    check_may_write(by)
    group = _lock_group(group)
    _write(group, _tidy(values), by)
    _save(group, update_fields=FACTS)
    _record(group, "group_changed", by)
    if group.admission == Admission.CLOSED:
        for asked in group.memberships.filter(state=State.ASKED).select_related("user"):
            _move(asked, "decline", by)  # they do not see it any more, so they could not take it back
    return group


@transaction.atomic
def act_for_oneself(*, group: Group, act: str, message: str = "", by: User) -> Membership:
    """Join, ask to join, take that back, accept or refuse an invitation, or leave.

    Args:
        act: one of `OWN_ACTS`. "join" asks where a keeper lets people in, and accepts where `by` is invited.

    Raises:
        PermissionDenied: `by` does not see the group.
        ValidationError: it is not possible from where they stand.
    """
    if not by.has_perm("conversations.view_group", group):
        raise PermissionDenied
    if act not in OWN_ACTS:
        raise ValidationError(_("There is no such act."))
    group, membership = _lock(group, by)
    if act in {"join", "ask"}:
        act = _way_in(group, membership)
    if act == "ask":
        check_may_write(by)
        membership.message = tidy_text(message)
    _move(membership, act, by)
    _settle(membership, by)
    if act == "ask":
        tell_keepers(membership)
    return membership


@transaction.atomic
def act_as_keeper(*, group: Group, person: User, act: str, by: User) -> Membership:
    """Let somebody in, decline, invite or remove them.

    Args:
        act: one of `KEEPERS_ACTS`.

    Raises:
        PermissionDenied: `by` does not keep the group, or may not see the person.
        ValidationError: it is not possible from where the person stands, or `by` has invited many today.
    """
    if not by.has_perm("conversations.keep_group", group) or not people_visible_to(by).filter(pk=person.pk).exists():
        raise PermissionDenied
    if act not in KEEPERS_ACTS:
        raise ValidationError(_("There is no such act."))
    if act == "invite":
        check_may_invite(by)
    group, membership = _lock(group, person)
    _move(membership, act, by)
    _settle(membership, by)
    if act in {"invite", "approve"} and not is_blocked(by, person):
        tell_person(membership)
    return membership


@transaction.atomic
def set_keeper(*, group: Group, person: User, is_keeper: bool, by: User) -> Membership:
    """Let a member of a group keep it, or not any more.

    Raises:
        PermissionDenied: `by` does not keep it.
        ValidationError: the person is no member, or the group would be without a keeper.
    """
    if not by.has_perm("conversations.keep_group", group):
        raise PermissionDenied
    group, membership = _lock(group, person)
    if membership.state != State.MEMBER:
        raise ValidationError(_("Only members of the group can keep it."))
    if not is_keeper and not _members(group).filter(is_keeper=True).exclude(user=person).exists():
        raise ValidationError(_("The group needs a keeper. Make somebody else one first."))
    if membership.is_keeper != is_keeper:
        membership.is_keeper = is_keeper
        membership.save(update_fields=["is_keeper"])
        _record(group, "group_keeper_set" if is_keeper else "group_keeper_unset", by, person=person.pk)
    return membership


def hand_over_groups(user: User, _place: object, by: User) -> None:
    """Give the groups of a keeper who has left the network another one; they stay a member, should they come back."""
    if is_in_network(user):
        return
    kept = Group.objects.live().filter(memberships__user=user, memberships__is_keeper=True)
    for group in kept.order_by("pk").select_for_update(of=("self",)):
        _ensure_keeper(group, by)


@transaction.atomic
def erase_memberships(user: User) -> None:
    """Take somebody who is erased out of their groups; each goes on with another keeper, or ends with its last member."""
    for group in Group.objects.live().filter(memberships__user=user).order_by("pk").select_for_update(of=("self",)):
        Membership.objects.filter(group=group, user=user).delete()
        _ensure_keeper(group, None)
    Membership.objects.filter(user=user).delete()  # those of groups that have ended


def _way_in(group: Group, membership: Membership) -> str:
    if membership.state == State.INVITED:
        return "accept"
    if group.admission == Admission.OPEN:
        return "join"
    if group.admission == Admission.CLOSED:
        raise ValidationError(_("People come to this group by invitation."))
    return "ask"


def _lock(group: Group, person: User) -> tuple[Group, Membership]:
    locked = _lock_group(group)
    found = Membership.objects.filter(group=locked, user=person).first()
    return locked, found or Membership(group=locked, user=person, state=NEW, since=timezone.now())


def _lock_group(group: Group) -> Group:
    locked: Group = Group.objects.select_for_update(of=("self",)).select_related("office").get(pk=group.pk)
    if locked.ended_at:
        raise ValidationError(_("This group has ended: its last member has left."), code="ended")
    return locked


def _move(membership: Membership, act: str, by: User | None) -> None:
    move(membership, act)
    membership.since, membership.by = timezone.now(), by
    if membership.state != State.MEMBER:
        membership.is_keeper = False
    membership.full_clean()
    membership.save()
    _record(membership.group, f"group_{act}", by, person=membership.user_id)


def _settle(membership: Membership, by: User) -> None:
    """Do what follows from somebody coming or going."""
    if membership.state in {State.LEFT, State.REMOVED}:
        Following.objects.filter(user=membership.user, group=membership.group).delete()
    if membership.state in {State.LEFT, State.REMOVED, State.MEMBER}:
        _ensure_keeper(membership.group, by)


def _ensure_keeper(group: Group, by: User | None) -> None:
    """Let whoever has been there for longest keep a group without a keeper in the network; with its last member it ends.

    One of an office does not end: its coordinators keep it, and can invite people.
    """
    members = _members(group)
    here = members.filter(user__in=User.objects.filter(in_network_q()).values("pk"))
    if here.filter(is_keeper=True).exists():
        return
    if oldest := here.order_by("since", "pk").first():
        oldest.is_keeper = True
        oldest.save(update_fields=["is_keeper"])
    elif group.office_id is None and not members.exists():
        _end(group, by)


def _end(group: Group, by: User | None) -> None:
    """End a group, and with it what it waits for: who is invited and who has asked."""
    for waiting in Membership.objects.filter(group=group, state__in=(State.ASKED, State.INVITED)).select_related(
        "user"
    ):
        _move(waiting, "end", by)
    group.ended_at = timezone.now()
    group.save(update_fields=["ended_at"])
    _record(group, "group_ended", by)


def _members(group: Group) -> Any:
    return Membership.objects.filter(group=group, state=State.MEMBER)


def _tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    return tidy_values(values, lines=("name",), texts=("about",))


def _write(group: Group, values: Mapping[str, Any], by: User) -> None:
    """Put what was said into a group and check it; not saved yet."""
    before = group.office_id
    for name in FACTS:
        if name in values:
            setattr(group, name, values[name])
    if group.topic is None and group.office is None:
        raise ValidationError({"topic": _("Choose a topic, or the office that the group is of.")})
    roles = roles_of(by)
    if group.office_id not in {None, before} and not (group.office_id in roles.coordinates or roles.is_administrator):
        raise ValidationError({"office": _("Only its coordinators found groups of an office.")})
    if _is_taken(group):
        raise ValidationError({"name": NAME_TAKEN})
    group.full_clean()


def _is_taken(group: Group) -> bool:
    """Whether a group that others may see has the name already. Closed ones may share theirs: nobody is told of them."""
    if group.admission == Admission.CLOSED:
        return False
    others = Group.objects.live().exclude(admission=Admission.CLOSED).exclude(pk=group.pk)
    return others.filter(name__iexact=group.name).exists()


def _save(group: Group, **options: Any) -> None:
    try:
        with transaction.atomic():
            group.save(**options)
    except IntegrityError as error:  # somebody took the name since it was looked for
        raise ValidationError({"name": NAME_TAKEN}) from error


def _record(group: Group, verb: str, by: User | None, **details: object) -> None:
    record(
        verb=verb, obj=group, by=by, audience=Entry.Audience.NOBODY, office_id=group.office_id, details=details
    )  # fmt: skip
