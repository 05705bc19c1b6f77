"""What is like a publication, and who else works on the same: from the vectors that search compares."""

from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from members.accounts.models import User
from members.directory.rules import roles_of
from practices.library.models import Publication

NEAREST = 40  # documents that are looked at
SIMILAR, OTHERS = 4, 6  # publications and members that are shown
LEAST_ALIKE = 0.15  # cosine; of texts and not of a question, so more is asked for than of search

_SQL = """
WITH own AS MATERIALIZED (
    SELECT meaning, owner_member_id, owner_office_id FROM search_document AS document
    JOIN library_publication AS publication ON publication.id = publication_id
    WHERE publication_id = %(publication)s AND is_original AND meaning IS NOT NULL
), near AS MATERIALIZED (
    SELECT publication_id FROM search_document WHERE meaning IS NOT NULL
    ORDER BY meaning <#> (SELECT meaning FROM own) LIMIT %(nearest)s
)
SELECT one.id, one.title, one.language, one.country, coalesce(member.name, office.name),
    CASE WHEN member.is_active THEN member.slug END
FROM own, library_publication AS one
JOIN search_document AS document ON document.publication_id = one.id AND is_original
LEFT JOIN directory_member AS member ON member.id = one.owner_member_id
LEFT JOIN directory_office AS office ON office.id = one.owner_office_id
WHERE one.id IN (SELECT publication_id FROM near) AND one.state = 'published'
    AND (one.owner_member_id, one.owner_office_id) IS DISTINCT FROM (own.owner_member_id, own.owner_office_id)
    AND document.meaning <#> own.meaning <= -%(least)s
ORDER BY document.meaning <#> own.meaning, one.id
"""


@dataclass(frozen=True)
class Similar:
    """A publication that is like another one."""

    title: str
    url: str
    language: str
    country: str
    owner_name: str


@dataclass(frozen=True)
class Other:
    """A member that works on the same."""

    name: str
    url: str


@dataclass(frozen=True)
class Related:
    """What is shown beside a publication; nothing of its owner."""

    similar: list[Similar]
    others: list[Other]


def find_related(publication: Publication, user: User) -> Related:
    """Return what is published that is like a publication, the most alike first; one query.

    Nothing is found before the publication itself was embedded, and nobody outside the network finds anything.
    """
    if not roles_of(user).in_network:
        return Related([], [])
    limits = {"publication": publication.pk, "nearest": NEAREST, "least": LEAST_ALIKE}
    with connection.cursor() as cursor:
        cursor.execute(_SQL, limits)
        near = cursor.fetchall()
    similar = [
        Similar(title, reverse("library:publication_detail", args=[pk]), language, country, owner)
        for pk, title, language, country, owner, _slug in near[:SIMILAR]
    ]
    members = list(dict.fromkeys((owner, slug) for *_, owner, slug in near if slug))
    others = [Other(name, reverse("directory:member_detail", args=[slug])) for name, slug in members[:OTHERS]]
    return Related(similar, others)


def draw_related(request: HttpRequest, publication: Publication) -> str:
    """Draw what is like a published publication."""
    if publication.state != Publication.State.PUBLISHED or not request.user.is_authenticated:
        return ""
    related = find_related(publication, request.user)
    if not related.similar:
        return ""
    return render_to_string("practices/search/related_panel.html", {"related": related}, request)
