"""Work in progress, what experts think of what is published, and what people say about both."""

from practices.editorial.models.assessments import Assessment
from practices.editorial.models.revisions import Decision, Revision
from practices.editorial.models.talk import Note, Remark

__all__ = ["Assessment", "Decision", "Note", "Remark", "Revision"]
