"""What a publication is made of: itself, its rows, its files."""

from practices.library.models.files import File
from practices.library.models.publications import YEAR, Practice, Project, Publication, Seen, refuse_used_term
from practices.library.models.rows import (
    BuildingBlock,
    Commitment,
    Cost,
    Document,
    Funding,
    Indicator,
    KeyDate,
    Link,
    Milestone,
    Partner,
    Photo,
    Row,
    Stakeholder,
)

__all__ = [
    "YEAR", "BuildingBlock", "Commitment", "Cost", "Document", "File", "Funding", "Indicator", "KeyDate", "Link",
    "Milestone", "Partner", "Photo", "Practice", "Project", "Publication", "Row", "Seen", "Stakeholder", "refuse_used_term",
]  # fmt: skip
