"""What is like a publication, and who else works on the same: from the vectors that search compares."""

from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string

from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Publication

NEAREST = 40  # documents that are looked at
SIMILAR, OTHERS = 4, 6  # publications and members that are shown
LEAST_ALIKE = 0.15  # cosine; of texts and not of a question, so more is asked for than of search


@dataclass(frozen=True)
class Related:
    """What is shown beside a publication; nothing of its owner."""

    similar: list[Publication]
    others: list[Member]


def find_related(publication: Publication, user: User) -> Related:
    """Return what is like a publication, the most alike first, of what `user` may read; two queries.

    Nothing is found before the publication itself was embedded.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT publication_id FROM (SELECT publication_id, -(meaning <#> own) AS alike FROM search_document,"
            " (SELECT meaning AS own FROM search_document WHERE publication_id = %s AND is_original AND meaning IS NOT"
            " NULL) AS mine ORDER BY meaning <#> own LIMIT %s) AS near WHERE alike >= %s ORDER BY alike DESC",
            [publication.pk, NEAREST, LEAST_ALIKE],
        )
        pks = list(dict.fromkeys(pk for (pk,) in cursor.fetchall()))
    if not pks:
        return Related([], [])
    rows = Publication.objects.visible_to(user).published().filter(pk__in=pks)
    of_others = rows.exclude(pk=publication.pk).select_related("owner_member", "owner_office")
    near = [one for one in of_others if one.owner != publication.owner]
    near.sort(key=lambda one: pks.index(one.pk))
    members = dict.fromkeys(one.owner_member for one in near if one.owner_member and one.owner_member.is_active)
    return Related(near[:SIMILAR], list(members)[:OTHERS])


def draw_related(request: HttpRequest, publication: Publication) -> str:
    """Draw what is like a published publication."""
    if publication.state != Publication.State.PUBLISHED or not request.user.is_authenticated:
        return ""
    related = find_related(publication, request.user)
    if not related.similar:
        return ""
    return render_to_string("practices/search/related_panel.html", {"related": related}, request)
