"""How far the claims of a publication are backed, worked out from what is there."""

from practices.library.models import Publication

Evidence = Publication.Evidence


def grade_evidence(publication: Publication) -> Publication.Evidence:
    """Return the highest grade that a publication has earned; two queries at most.

    Taken up elsewhere: its owner confirmed that another member adapts or uses it. Verified: a reviewer has checked its
    main facts. Documented: there is a source, an indicator with evidence, or a document to read. Claimed: the rest.
    """
    if publication.uptake_count:
        return Evidence.TAKEN_UP
    if publication.verified_at:
        return Evidence.VERIFIED
    documented = (
        publication.source_url
        or publication.indicators.exclude(source_url="").exists()
        or publication.documents.exists()
    )
    return Evidence.DOCUMENTED if documented else Evidence.CLAIMED


def regrade(publication: Publication) -> None:
    """Save the grade after something that it depends on has changed, in the transaction of that change."""
    grade = grade_evidence(publication)
    if grade != publication.evidence:
        publication.evidence = grade
        publication.save(update_fields=["evidence"])


def set_uptake_count(publication: Publication, count: int) -> None:
    """Save how many members adapt or use it, confirmed by its owner, and the grade that follows from that.

    The caller has counted the rows while it holds the lock on the publication's own.
    """
    publication.uptake_count = count
    publication.save(update_fields=["uptake_count"])
    regrade(publication)
