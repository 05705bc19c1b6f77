"""Reading, comparing and restoring earlier versions."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.numbers import whole_number
from members.accounts.requests import PersonRequest
from practices.editorial import history
from practices.editorial.models import Revision
from practices.editorial.steps import Preview
from practices.library.models import Publication
from practices.library.pages import article_context


def publication_history(request: PersonRequest, pk: int) -> HttpResponse:
    """List the versions; compare the two that are asked for, or the last two."""
    publication = _get_publication(request, pk)
    versions = list(history.versions_of(publication))
    old, new = _chosen(request, versions)
    context = {
        "publication": publication,
        "versions": versions,
        "old": old,
        "new": new,
        "diffs": history.compare(old, new) if old and new and old != new else None,
    }
    return render(request, "practices/editorial/history.html", context)


def publication_version(request: PersonRequest, pk: int, version: int) -> HttpResponse:
    """Show one version as a page."""
    publication = _get_publication(request, pk)
    found = get_object_or_404(history.versions_of(publication), version=version)
    found.publication = publication
    may_restore = version != publication.version and request.user.has_perm("library.change_publication", publication)
    context = {"version": found, "current": publication, "may_restore": may_restore}
    return render(
        request, "practices/editorial/version.html", context | article_context(Preview(history.as_shown(found)))
    )


@require_POST
def version_restore(request: PersonRequest, pk: int, version: int) -> HttpResponse:
    publication = _get_publication(request, pk)
    try:
        revision = history.restore_version(publication=publication, version=version, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("editorial:publication_version", pk, version)
    messages.success(request, _("A new revision begins with that text. Check it and submit it."))
    return redirect("editorial:revision_edit", revision.pk, "check")


def _get_publication(request: PersonRequest, pk: int) -> Publication:
    readable = Publication.objects.visible_to(request.user).filter(version__gt=0)
    found: Publication = get_object_or_404(
        readable.select_related("owner_member__office", "owner_office__parent", "practice", "project"), pk=pk
    )
    return found


def _chosen(request: PersonRequest, versions: list[Revision]) -> tuple[Revision | None, Revision | None]:
    """Return the versions that `old` and `new` of the query name; by default the last two."""
    by_number = {one.version: one for one in versions}
    default_new = versions[0] if versions else None
    default_old = versions[1] if len(versions) > 1 else None
    asked = [request.GET.get(name, "") for name in ("old", "new")]
    if not any(asked):
        return default_old, default_new
    numbers = [whole_number(one) for one in asked]
    if any(number not in by_number for number in numbers):
        raise Http404
    old, new = (by_number[number] for number in numbers)
    return old, new
