"""Searches that people keep: what is kept of one, and asking it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from members.accounts.models import User
from members.directory.rules import is_in_network
from practices.search.filters import PublicationFilter, Terms
from practices.search.models import SavedSearch

MOST, LONGEST = 50, 4_000  # searches of one person; characters of a query
KEPT = ("q", *PublicationFilter.ALL, "area")


@dataclass(frozen=True)
class Asked:
    """A saved search as it is now.

    Attributes:
        gone: what was chosen and is no choice any more.
        rests: nothing is left of what was chosen in some facet. It would find far more than was wanted, so nothing is
            told of it until its owner has looked.
    """

    saved: SavedSearch
    found: PublicationFilter

    @property
    def gone(self) -> list[str]:
        return self.found.unknown

    @property
    def rests(self) -> bool:
        given, chosen = self.found.data, self.found.chosen
        lost = any(given.getlist(name) and name not in chosen for name in PublicationFilter.ALL)
        return lost or bool(given.get("area") and not self.found.box)

    @property
    def words(self) -> list[str]:
        """What is asked, in words: the question, then each choice."""
        words = [f"“{self.found.data['q']}”"] if self.found.question else []
        for name, values in self.found.chosen.items():
            labels = {str(value): str(label) for value, label in self.found.form.fields[name].choices}
            words += [labels[value] for value in values]
        return [*words, _("On this part of the map")] if self.found.box else words


def normal_query(query: QueryDict) -> str:
    """Return what is kept of the address of a list: the question and the choices, always in one order."""
    kept = QueryDict(mutable=True)
    for name in KEPT:
        if values := [one.strip() for one in query.getlist(name) if one.strip()]:
            kept.setlist(name, values[-1:] if name in {"q", "area"} else sorted(set(values)))
    return kept.urlencode()


def ask(saved: SavedSearch, terms: Terms | None = None) -> Asked:
    """Ask a saved search again, as its owner; `terms` spare a query where many are asked."""
    return Asked(saved, PublicationFilter(QueryDict(saved.query), user=saved.user, terms=terms))


@transaction.atomic
def save_search(*, query: str, values: Mapping[str, Any], by: User) -> SavedSearch:
    """Keep a search under a name.

    Args:
        query: of `normal_query`; `values` are the name and the cadence.

    Raises:
        PermissionDenied: somebody outside the network.
        ValidationError: it asks for nothing or for too much, the name is taken, or there are too many.
    """
    if not is_in_network(by):
        raise PermissionDenied
    if not query:
        raise ValidationError(_("Search for something or choose something first."))
    if len(query) > LONGEST:
        raise ValidationError(_("That is too much for one search. Take some of the choices away."))
    User.objects.select_for_update().get(pk=by.pk)  # two windows at once count right
    if by.saved_searches.count() >= MOST:
        raise ValidationError(_("You have %(count)d saved searches. Delete one first.") % {"count": MOST})
    saved = SavedSearch(user=by, query=query, **values)
    _save(saved)
    return saved


@transaction.atomic
def change_search(*, saved: SavedSearch, values: Mapping[str, Any], by: User) -> None:
    """Give a search another name or cadence.

    Raises:
        PermissionDenied: it is somebody else's.
        ValidationError: the name is taken.
    """
    if saved.user_id != by.pk:
        raise PermissionDenied
    User.objects.select_for_update().get(pk=by.pk)
    for name, value in values.items():
        setattr(saved, name, value)
    _save(saved)


def _save(saved: SavedSearch) -> None:
    if SavedSearch.objects.filter(user=saved.user, name=saved.name).exclude(pk=saved.pk).exists():
        raise ValidationError({"name": [_("You have a search of this name already.")]})
    saved.full_clean()
    saved.save()
