"""What the library counts of members."""

from collections.abc import Sequence

from django.db.models import Count

from practices.library.models import Publication


def count_publications(members: Sequence[int]) -> dict[int, int]:
    """Return how many publications each member shows to the network."""
    rows = Publication.objects.published().filter(owner_member__in=members).order_by()
    return dict(rows.values_list("owner_member").annotate(Count("pk")))
