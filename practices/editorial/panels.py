"""What the editorial room shows on a publication's page."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from practices.editorial.models import Revision
from practices.editorial.services import FINISHED
from practices.library.models import Publication


def draw_revise(request: HttpRequest, publication: Publication) -> str:
    """Draw, for its authors and reviewers, the way to the open revision or to a new one."""
    revision = Revision.objects.visible_to(request.user).open().filter(publication=publication).first()
    archived = publication.state == Publication.State.ARCHIVED
    may_revise = not archived and request.user.has_perm("library.change_publication", publication)
    may_assign = not archived and request.user.has_perm("library.assign_publication", publication)
    if not (revision or may_revise or may_assign):
        return ""
    context = {
        "publication": publication,
        "revision": revision,
        "may_revise": may_revise,
        "may_assign": may_assign,
        "may_continue": may_revise
        and publication.kind == Publication.Kind.PROJECT
        and publication.state == Publication.State.PUBLISHED
        and publication.status in FINISHED,
        "may_review": revision is not None and request.user.has_perm("editorial.review_revision", revision),
    }
    return render_to_string("practices/editorial/revise_panel.html", context, request)


def draw_history(request: HttpRequest, publication: Publication) -> str:
    """Draw the way to the earlier versions, for every reader."""
    if not publication.version:
        return ""
    return render_to_string("practices/editorial/history_panel.html", {"publication": publication}, request)
