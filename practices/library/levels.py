"""How a publication was reviewed and checked: the columns that readers see, written here and nowhere else.

Whoever calls this has checked that `by` may, and tells the journal.
"""

from django.utils import timezone

from members.accounts.models import User
from practices.library.grading import regrade
from practices.library.models import Publication


def set_review_level(publication: Publication, level: Publication.ReviewLevel) -> None:
    """Keep who has reviewed a publication, in the transaction of the act that changes it."""
    publication.review_level = level
    publication.save(update_fields=["review_level"])


def mark_reviewed(publication: Publication) -> None:
    """Keep that a coordinator has approved a publication; one that more is known of stays as it is."""
    if publication.review_level == Publication.ReviewLevel.NONE:
        set_review_level(publication, Publication.ReviewLevel.COORDINATOR)


def set_verified(publication: Publication, by: User | None) -> None:
    """Keep that `by` has checked the main facts against the source, or with None that nobody has; grade it anew."""
    publication.verified_at = timezone.now() if by else None
    publication.verified_by = by
    publication.save(update_fields=["verified_at", "verified_by"])
    regrade(publication)
