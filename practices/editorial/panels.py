"""What the editorial room shows on a publication's page, and beside a revision."""

from dataclasses import dataclass
from fractions import Fraction

from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.template.loader import render_to_string

from config.journal.models import Entry
from members.directory.rules import roles_of
from practices.editorial.forms import RemarkForm
from practices.editorial.models import Assessment, Remark, Revision
from practices.editorial.rubric import RUBRIC, Line, as_shown, means, overall_mean
from practices.editorial.services import FINISHED
from practices.library.models import Publication
from practices.library.whole import has_none


@dataclass(frozen=True)
class Trust:
    """How a publication was reviewed and checked, as readers see it."""

    assessments: list[Assessment]  # those that count
    lines: list[Line]
    mean: str
    verified: Entry | None  # who checked the facts of which version, when, and the note


def draw_revise(request: HttpRequest, publication: Publication) -> str:
    """Draw, for its authors and reviewers, the way to the open revision or to a new one."""
    roles = roles_of(request.user)
    if not (roles.coordinates or roles.expert_at or roles.is_administrator) and (
        publication.owner_member_id not in roles.writes_for
    ):
        return ""
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
        "may_review": revision is not None and request.user.has_perm("editorial.follow_revision", revision),
    }
    return render_to_string("practices/editorial/revise_panel.html", context, request)


def draw_history(request: HttpRequest, publication: Publication) -> str:
    """Draw the way to the earlier versions, for every reader."""
    if not publication.version:
        return ""
    return render_to_string("practices/editorial/history_panel.html", {"publication": publication}, request)


def trust_of(publication: Publication) -> Trust:
    """Return what readers may know; two queries at most."""
    found: list[Assessment] = []
    if not has_none(publication, Assessment):
        counting = Assessment.objects.filter(publication=publication).counting().select_related("expert")
        found = sorted(counting, key=lambda one: (one.submitted_at, one.pk))
    mean: Fraction | None = overall_mean(found)
    verified = None
    if publication.verified_at:
        kind = ContentType.objects.get_for_model(Publication)
        entries = Entry.objects.filter(content_type=kind, object_id=publication.pk, verb="verified")
        verified = entries.select_related("by").order_by("at").last()
    return Trust(found, means(found), str(as_shown(mean)) if mean is not None else "", verified)


def draw_trust(request: HttpRequest, publication: Publication) -> str:
    """Draw the level of review, the grade of evidence and what experts said."""
    if publication.state == Publication.State.UNPUBLISHED:
        return ""
    context = {
        "publication": publication,
        "trust": trust_of(publication),
        "rubric": RUBRIC,
        "looks_after": request.user.has_perm("editorial.look_after_publication", publication),
    }
    return render_to_string("practices/editorial/trust_panel.html", context, request)


def draw_thread(request: HttpRequest, revision: Revision) -> str:
    """Draw what authors and reviewers have said about the reviews of this publication, and a way to answer."""
    if revision.submitted_at is None:
        return ""
    user = request.user
    about = Remark.objects.visible_to(user).filter(revision__publication=revision.publication_id)
    context = {
        "revision": revision,
        "remarks": about.select_related("by"),
        "form": RemarkForm(auto_id="remark_%s"),
        "may_write": user.has_perm("editorial.review_revision", revision)
        or user.has_perm("editorial.change_revision", revision),
    }
    return render_to_string("practices/editorial/thread_panel.html", context, request)
