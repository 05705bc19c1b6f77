"""Members side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kit.countries import country_name, language_name
from config.kit.templatetags.kit import number
from members.accounts.models import User
from members.directory.figures import read_figures
from members.directory.models import Member
from members.directory.queries import final_member

FEWEST, MOST = 2, 4


@dataclass(frozen=True)
class Fact:
    """One line of the comparison: a text for each member, empty where it is not known."""

    label: str | Promise
    texts: list[str]
    is_figure: bool = False


def choose_members(slugs: Sequence[str], user: User | AnonymousUser) -> tuple[list[Member], list[str]]:
    """Return the members that an address asks to compare, in its order, and what its reader must know about them.

    One that was merged into another is that one. Those beyond MOST are left out.
    """
    slugs = list(dict.fromkeys(slugs))
    rows = Member.objects.visible_to(user).select_related("office", "merged_into__office")
    known = {one.slug: one for one in rows.prefetch_related("pathways").filter(slug__in=slugs[: 10 * MOST])}
    chosen, notes = dict[int, Member](), []
    for slug in slugs:
        member = known.get(slug)
        if member is None:
            notes.append(_("There is no member “%(slug)s”, so it was left out.") % {"slug": slug[:80]})
            continue
        final = final_member(member)
        if final != member:
            names = {"old": member.name, "new": final.name}
            notes.append(_("%(old)s was merged into %(new)s, which is shown in its place.") % names)
        chosen[final.pk] = final
    found = list(chosen.values())
    if len(found) > MOST:
        text = ngettext(
            "Only %(most)d member can be compared at once. Left out: %(names)s.",
            "Only %(most)d members can be compared at once. Left out: %(names)s.",
            MOST,
        )
        notes.append(text % {"most": MOST, "names": ", ".join(one.name for one in found[MOST:])})
    return found[:MOST], notes


def compare_members(members: Sequence[Member]) -> list[Fact]:
    """Return what is compared; one query a registered figure."""

    def fact(label: str, read: Callable[[Member], Any], *, is_figure: bool = False) -> Fact:
        return Fact(label, [number(read(one)) if is_figure else str(read(one) or "") for one in members], is_figure)

    facts = [
        fact(_("Kind"), lambda one: one.get_kind_display()),
        fact(_("Country"), lambda one: country_name(one.country)),
        fact(_("Population"), lambda one: one.population, is_figure=True),
        fact(_("Area (km²)"), lambda one: one.area, is_figure=True),
        fact(_("Inhabitants per km²"), lambda one: one.density, is_figure=True),
        fact(_("Climate zone"), lambda one: one.get_climate_zone_display()),
        fact(_("Level of government"), lambda one: one.get_government_level_display()),
        fact(_("Office"), lambda one: one.office.name),
        fact(_("Languages of work"), lambda one: ", ".join(map(language_name, one.languages))),
        fact(_("Priorities"), lambda one: ", ".join(map(str, one.pathways.all()))),
        fact(_("Member since"), lambda one: one.joined_year),
    ]
    figures = read_figures([one.pk for one in members])
    return facts + [Fact(label, [number(by_pk[one.pk]) for one in members], True) for label, by_pk in figures]
