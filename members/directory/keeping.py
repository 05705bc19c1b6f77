"""Every write to what is known of a member: its facts, its logo, its contacts."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.files.services import store_upload
from config.journal.services import record
from members.accounts.models import User
from members.directory.climate import climate_zone_at
from members.directory.contact_checks import close_checks
from members.directory.facts import ARRAYS, MANY, SCALARS, fingerprint, read_facts
from members.directory.member_forms import Choices
from members.directory.models import Contact, Member
from members.directory.queries import free_slug, office_of_country

LOGOS = frozenset({"image/jpeg", "image/png", "image/webp"})
# Who a member belongs to, and whether it does at all, is the network's to say.
OFFICIAL = frozenset({"office", "is_active"})


@transaction.atomic
def change_member(
    *, member: Member, values: Mapping[str, Any], choices: Choices, seen: str = "", by: User
) -> list[str]:
    """Write facts of a member.

    Args:
        values: clean values of `MemberForm`, some or all.
        choices: what the form chose from.
        seen: the fingerprint of the facts that `by` has seen; empty where they do not matter.

    Returns:
        The names of the facts that are different now; nothing is written where none is.

    Raises:
        PermissionDenied: `by` does not keep this member, or not what the network says of it.
        ValidationError: somebody has changed it since it was seen (code `stale`), or another member has its name.
    """
    if not by.has_perm("directory.change_member", member):
        raise PermissionDenied
    member = lock_member(member)
    before = read_facts(member)
    if seen and seen != fingerprint(before):
        raise ValidationError(
            _("Somebody has changed this page meanwhile. Nothing you typed is lost: save again to keep what stands here."),
            code="stale",
        )  # fmt: skip
    check_associations(member.slug, values.get("associations", ()))
    write_facts(member, values, choices)
    after = read_facts(member)
    changed = [name for name, text in after.items() if text != before[name]]
    if OFFICIAL & set(changed) and not by.has_perm("directory.change_member_office", member):
        raise PermissionDenied
    if changed:
        save_facts(member)
        record(
            verb="member_changed", obj=member, by=by, member_id=member.pk, office_id=member.office_id,
            details={"fields": changed},
        )  # fmt: skip
    return changed


@transaction.atomic
def add_member(*, values: Mapping[str, Any], choices: Choices, slug: str = "", by: User) -> Member:
    """Make a member. Without an office in `values` it belongs to that of its country.

    A climate zone that nobody chose is that of its point.

    Raises:
        PermissionDenied: `by` does not administer the network.
        ValidationError: there is such a member, or no office looks after its country.
    """
    if not by.has_perm("directory.add_member"):
        raise PermissionDenied
    office = choices.offices.get(values.get("office", "")) or office_of_country(values["country"])
    if office is None:
        raise ValidationError({"office": no_office()})
    zone = values.get("climate_zone") or climate_zone_at(values.get("latitude"), values.get("longitude"))
    member = Member(slug=slug or free_slug(values["name_en"]), office=office)
    write_facts(member, {**values, "climate_zone": zone, "office": office.slug}, choices)
    save_facts(member)
    for name in MANY:
        _set_many(member, name, values.get(name, ()), choices)
    record(verb="member_added", obj=member, by=by, member_id=member.pk, office_id=office.pk)
    return member


@transaction.atomic
def set_logo(*, member: Member, upload: "UploadedFile[Any] | None", by: User) -> None:
    """Show a picture beside the name of a member; None takes it away.

    Raises:
        PermissionDenied: `by` does not keep this member.
        ValidationError: the picture cannot be kept. The text says why.
    """
    if not by.has_perm("directory.change_member", member):
        raise PermissionDenied
    member = lock_member(member)
    logo = store_upload(upload=upload, allowed=LOGOS) if upload else None
    if logo == member.logo:
        return
    member.logo = logo
    member.save(update_fields=["logo"])
    record(
        verb="member_changed", obj=member, by=by, member_id=member.pk, office_id=member.office_id,
        details={"fields": ["logo"]},
    )  # fmt: skip


@transaction.atomic
def save_contacts(*, member: Member, contacts: Mapping[str, Mapping[str, Any]], by: User) -> list[str]:
    """Write who holds which function at a member; whoever saves says that they are right today.

    Args:
        contacts: by function, the facts of `ContactForm`; without an address the function is taken away.

    Returns:
        The functions that are different now.

    Raises:
        PermissionDenied: `by` does not keep this member.
    """
    if not by.has_perm("directory.change_member", member):
        raise PermissionDenied
    member = lock_member(member)
    known = {one.function: one for one in member.contacts.select_related("person")}
    changed = []
    for function, facts in contacts.items():
        contact = known.get(function)
        if not facts["email"]:
            if contact:
                contact.delete()
                changed.append(function)
            continue
        contact = contact or Contact(member=member, function=function)
        if contact.pk is None or any(getattr(contact, name) != value for name, value in facts.items()):
            changed.append(function)
            if contact.person and facts["person_name"] not in {"", contact.person.name}:
                contact.person = None  # somebody else holds it now
        for name, value in facts.items():
            setattr(contact, name, value)
        contact.confirmed_at = timezone.now()
        contact.full_clean()
        contact.save()
    close_checks(member)
    if changed:
        record(
            verb="contacts_changed", obj=member, by=by, member_id=member.pk, office_id=member.office_id,
            details={"functions": changed},
        )  # fmt: skip
    return changed


def check_associations(slug: str, codes: Collection[str]) -> None:
    """Raise ValidationError where a member would be brought in by itself."""
    if slug in codes:
        raise ValidationError({"associations": _("An association does not bring itself in.")})


def no_office() -> str:
    """Return what people read where a country has no office."""
    return _("No office looks after this country. Please name one.")


def lock_member(member: Member) -> Member:
    """Return the row as it is now, kept from others until the transaction ends."""
    locked: Member = Member.objects.select_for_update(of=("self",)).select_related("office").get(pk=member.pk)
    return locked


def write_facts(member: Member, values: Mapping[str, Any], choices: Choices) -> None:
    """Put values into a member; what it points to in number is written at once if it is saved already."""
    for name in (*SCALARS, *ARRAYS):
        if name in values:
            value = values[name]
            setattr(member, name, value == "yes" if name == "is_active" else value)
    if values.get("office"):
        member.office = choices.offices[values["office"]]
    if member.pk:
        for name in MANY:
            if name in values:
                _set_many(member, name, values[name], choices)


def _set_many(member: Member, name: str, codes: Any, choices: Choices) -> None:
    known: Mapping[str, Any] = getattr(choices, name)
    there = {one.slug: one for one in member.associations.all()} if name == "associations" else {}
    getattr(member, name).set([known.get(code) or there[code] for code in codes])


def save_facts(member: Member) -> None:
    """Check and save what forms write, and leave alone what other acts do.

    Raises:
        ValidationError: by field.
    """
    member.full_clean(exclude=["logo", "merged_into"])
    if member.pk is None:
        member.save()
    else:
        member.save(update_fields=[*SCALARS, *ARRAYS, "office"])
