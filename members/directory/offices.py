"""What the page of an office says of its members."""

from collections import Counter
from dataclasses import dataclass

from django.utils.functional import Promise

from config.kit.countries import country_name
from members.directory.figures import read_figures
from members.directory.models import Member, Office

SHOWN = 24


@dataclass(frozen=True)
class MembersOf:
    """The members of an office.

    Attributes:
        first: the first of them by name.
        kinds: how many of each kind there are, the kinds that there are.
        figures: sums of what upper rooms count.
        behind: those whose fee is overdue or was not paid; None for readers whom that does not concern.
        countries: the names of its territory.
    """

    size: int
    first: list[Member]
    kinds: list[tuple[str, str | Promise, int]]
    figures: list[tuple[str | Promise, int]]
    behind: list[Member] | None
    countries: list[str]


def read_members_of(office: Office, *, with_standing: bool) -> MembersOf:
    """Read the members of an office: three queries, and one a registered figure."""
    members = Member.objects.listed().filter(office=office)
    kinds = dict(members.order_by().values_list("pk", "kind"))
    counted = Counter(kinds.values())
    behind = members.exclude(standing=Member.Standing.ACTIVE).order_by("name_en", "pk") if with_standing else None
    return MembersOf(
        size=len(kinds),
        first=list(members.select_related("logo").order_by("name_en", "pk")[:SHOWN]),
        kinds=[(code, label, counted[code]) for code, label in Member.Kind.choices if counted[code]],
        figures=[(label, sum(by_pk.values())) for label, by_pk in read_figures(list(kinds))],
        behind=None if behind is None else list(behind),
        countries=sorted((country_name(code) for code in office.territory), key=str.casefold),
    )
