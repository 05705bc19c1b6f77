"""Contacts that may not be right any more: who is asked, and who is asked when nobody answers.

A contact is doubtful once the term of its holder ended since it was last confirmed, its person has left the member, or
its address refuses mail. The liaisons get a task and a mail; what they have not confirmed after `ESCALATES_AFTER` is
the office's. Saving the contacts confirms them all.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from config.outbox.addresses import dead_addresses
from config.outbox.services import queue_message
from members.accounts.models import User
from members.directory.emails import CONTACTS
from members.directory.models import Contact, ContactCheck, Member, MemberRole

ESCALATES_AFTER = timedelta(days=14)
Reason = ContactCheck.Reason


def check_contacts(today: date | None = None) -> dict[str, int]:
    """Open a task for each doubtful contact, and hand on those that nobody answered; may run twice or at once.

    Returns:
        opened, escalated: how many of each.
    """
    today = today or timezone.localdate()
    opened = sum(_open(contact, reason) for contact, reason in find_doubtful(today))
    return {"opened": opened, "escalated": _escalate()}


def find_doubtful(today: date) -> Iterator[tuple[Contact, str]]:
    """Yield each contact of an active member that is in doubt and has no open task, with the first reason."""
    there = MemberRole.objects.filter(member=OuterRef("member"), user=OuterRef("person"), user__is_active=True)
    asked = ContactCheck.objects.filter(contact=OuterRef("pk"), closed_at=None)
    rows = Contact.objects.filter(~Exists(asked), member__is_active=True).annotate(is_there=Exists(there))
    contacts = list(rows.select_related("member").order_by("pk"))
    dead = dead_addresses([one.email for one in contacts])
    for one in contacts:
        if one.term_ends_on and one.term_ends_on < today and not _confirmed_since(one, one.term_ends_on):
            yield one, Reason.TERM_ENDED
        elif one.person_id and not one.is_there:
            yield one, Reason.PERSON_LEFT
        elif one.email in dead:
            yield one, Reason.MAIL_BOUNCES


def release_contacts(*, member: Member, user: User) -> None:
    """Let the functions that somebody who leaves has held stand without a person, and ask who holds them now."""
    for contact in member.contacts.filter(person=user).order_by("pk"):
        _open(contact, Reason.PERSON_LEFT)
    member.contacts.filter(person=user).update(person=None)


def close_checks(member: Member) -> None:
    """Close every task about a member's contacts: somebody has just confirmed them."""
    ContactCheck.objects.filter(contact__member=member, closed_at=None).update(closed_at=timezone.now())


def _confirmed_since(contact: Contact, day: date) -> bool:
    return contact.confirmed_at is not None and timezone.localdate(contact.confirmed_at) > day


@transaction.atomic
def _open(contact: Contact, reason: str) -> bool:
    check, is_new = ContactCheck.objects.get_or_create(contact=contact, closed_at=None, defaults={"reason": reason})
    if is_new:
        liaisons = Q(member_roles__member=contact.member_id, member_roles__role=MemberRole.Role.LIAISON)
        _tell(check, User.objects.filter(liaisons, is_active=True), "opened")
    return is_new


def _escalate() -> int:
    """Ask the office about what nobody has answered."""
    number = 0
    old = ContactCheck.objects.filter(
        closed_at=None, escalated_at=None, opened_at__lte=timezone.now() - ESCALATES_AFTER
    )
    for pk in old.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            if not old.filter(pk=pk).update(escalated_at=timezone.now()):
                continue  # somebody was faster
            check = ContactCheck.objects.select_related("contact__member").get(pk=pk)
            office = Q(office_roles__office=check.contact.member.office_id, office_roles__role="coordinator")
            _tell(check, User.objects.filter(office, is_active=True), "escalated")
            number += 1
    return number


def _tell(check: ContactCheck, people: Iterable[User], what: str) -> None:
    for user in people:
        queue_message(
            kind=CONTACTS,
            key=f"{check.pk}:{what}:{user.pk}",
            to=user.email,
            user=user,
            language=user.language,
            payload={"check": check.pk, "what": what},
        )
