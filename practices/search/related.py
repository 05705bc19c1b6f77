"""What is like a publication, and who else works on the same: from the vectors that search compares."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from pgvector.django import MaxInnerProduct

from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Publication
from practices.search.models import Document

NEAREST = 40  # documents that are looked at
SIMILAR, OTHERS = 4, 6  # publications and members that are shown
LEAST_ALIKE = 0.15  # cosine; of texts and not of a question, so more is asked for than of search


@dataclass(frozen=True)
class Related:
    """What is shown beside a publication; nothing of its owner."""

    similar: list[Publication]
    others: list[Member]


def find_related(publication: Publication, user: User) -> Related:
    """Return what is like a publication, the most alike first, of what `user` may read; one query.

    Nothing is found before the publication itself was embedded.
    """
    own = Document.objects.filter(publication=publication, is_original=True, meaning__isnull=False).values("meaning")
    documents = Document.objects.filter(meaning__isnull=False).order_by(MaxInnerProduct("meaning", Subquery(own)))
    theirs = Document.objects.filter(publication=OuterRef("pk"), is_original=True)
    alike = Subquery(theirs.annotate(alike=-MaxInnerProduct("meaning", Subquery(own))).values("alike")[:1])
    rows = Publication.objects.visible_to(user).published().filter(pk__in=documents.values("publication")[:NEAREST])
    of_others = rows.exclude(pk=publication.pk).annotate(alike=alike).filter(alike__gte=LEAST_ALIKE).order_by("-alike")
    near = [one for one in of_others.select_related("owner_member", "owner_office") if one.owner != publication.owner]
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
