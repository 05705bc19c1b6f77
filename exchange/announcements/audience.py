"""Whom an announcement goes to."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.announcements.models import Announcement, Leave
from members.accounts.models import User
from members.directory.models import Office
from members.directory.querysets import in_network_q

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 3  # readers in whose eyes it is previewed


def audience_of(announcement: Announcement) -> "QuerySet[User]":
    """Return the people whom `announcement` goes to, each once, as they are at this moment."""
    people = User.objects.filter(in_network_q())
    if announcement.office.kind != Office.Kind.WORLD:
        offices = _with_those_below(announcement.office_id)
        at_members = Q(member_roles__member__office__in=offices, member_roles__member__is_active=True)
        people = people.filter(at_members | Q(office_roles__office__in=offices))
    if announcement.topic_id:
        follows = Q(subscription__topics=announcement.topic_id)
        published = {"publications__state": "published", "publications__topics": announcement.topic_id}
        works_on = Q(**{f"member_roles__member__{name}": value for name, value in published.items()})
        people = people.filter(follows | works_on)
    if not announcement.is_important:
        people = people.exclude(pk__in=Leave.objects.values("user"))
    return User.objects.filter(pk__in=people.values("pk"))


def describe_audience(announcement: Announcement) -> str:
    """Say in words whom it goes to."""
    office = announcement.office
    if announcement.topic:
        facts = {"topic": announcement.topic, "office": office}
        if office.kind == Office.Kind.WORLD:
            return _("Everybody who follows %(topic)s, or whose organisation has published on it") % facts
        return _("Everybody of %(office)s who follows %(topic)s, or whose organisation has published on it") % facts
    if office.kind == Office.Kind.WORLD:
        return _("Everybody in the network")
    return _("Everybody of %(office)s: its members, its staff, and those of the offices below it") % {"office": office}


def example_readers(announcement: Announcement) -> "Sequence[User]":
    """Return up to three real readers, as unlike as possible: a language each, as far as there are readers of it."""
    people = audience_of(announcement)
    found: dict[int, User] = {}
    for code, _name in settings.LANGUAGES:
        if one := people.filter(language=code).order_by("pk").first():
            found[one.pk] = one
    for one in people.exclude(pk__in=found).order_by("pk")[: max(SHOWN - len(found), 0)]:
        found[one.pk] = one
    return list(found.values())[:SHOWN]


def _with_those_below(office: int) -> set[int]:
    """Return an office and every office below it; offices are few."""
    below: dict[int | None, list[int]] = {}
    for pk, parent in Office.objects.values_list("pk", "parent"):
        below.setdefault(parent, []).append(pk)
    found: set[int] = set()
    new = [office]
    while new:
        found.update(new)
        new = [pk for one in new for pk in below.get(one, ()) if pk not in found]
    return found
