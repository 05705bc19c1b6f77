"""What needs somebody's care: of one publication, and of all that a person writes."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.outbox.addresses import dead_addresses
from practices.library.models import Publication
from practices.upkeep.links import links_of
from practices.upkeep.models import Check, LinkCheck

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User

MOST = 30


@dataclass(frozen=True)
class Care:
    """A publication with what is the matter with it."""

    publication: Publication
    reasons: list[str | Promise] = field(default_factory=list)


def broken_links(publication: Publication) -> list[LinkCheck]:
    """Return the links of a publication's page that lead nowhere; one that an edit took away is not told any more."""
    rows = list(LinkCheck.objects.broken().filter(publication=publication).order_by("pk"))
    if not rows:
        return []
    shown = set(links_of(publication))
    return [row for row in rows if row.url in shown]


def read_cares(user: "User | AnonymousUser") -> list[Care]:
    """Return up to MOST published texts of what `user` writes for that need care: the same queries for any number."""
    mine = Publication.objects.editable_by(user).published()
    dead = dead_addresses(set(mine.exclude(contact_email="").values_list("contact_email", flat=True)))
    current = Check.objects.filter(publication=OuterRef("pk"), confirmed_at=OuterRef("confirmed_at"), overtaken_at=None)
    rows = mine.with_cards().annotate(
        is_asked=Exists(current.filter(answered_at=None)),
        wants_update=Exists(current.filter(answer=Check.Answer.NEEDS_UPDATE)),
        has_broken=Exists(LinkCheck.objects.broken().filter(publication=OuterRef("pk"))),
    )
    troubled = (
        rows.filter(is_asked=True)
        | rows.filter(wants_update=True)
        | rows.filter(has_broken=True)
        | rows.filter(unconfirmed_at__isnull=False)
        | rows.filter(contact_email__in=dead)
    )
    ordered = troubled.order_by(F("unconfirmed_at").asc(nulls_last=True), "title", "pk")
    return [Care(row, _reasons(row, dead)) for row in ordered[:MOST]]


def _reasons(row: Publication, dead: set[str]) -> list[str | Promise]:
    """Name what is the matter with an annotated row."""
    named = (
        (row.unconfirmed_at is not None, _("Not confirmed in time")),
        (row.wants_update, _("Needs an update")),  # type: ignore[attr-defined]  # annotated, as the next two
        (row.is_asked and not row.unconfirmed_at, _("Still true?")),  # type: ignore[attr-defined]
        (row.has_broken, _("Broken links")),  # type: ignore[attr-defined]
        (row.contact_email in dead, _("Mail does not reach its contact address")),
    )
    return [reason for holds, reason in named if holds]
