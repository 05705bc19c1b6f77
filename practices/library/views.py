"""The page of a publication, and taking it out of the lists."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from members.accounts.requests import PersonRequest
from practices.library import services
from practices.library.forms import ArchiveForm
from practices.library.models import Publication
from practices.library.pages import article_context, in_readers_language
from practices.library.whole import get_whole_or_404


def publication_detail(request: PersonRequest, pk: int) -> HttpResponse:
    publication = get_whole_or_404(request.user, pk)
    if publication.state == Publication.State.PUBLISHED:
        services.mark_seen(publication=publication, by=request.user)
    context = article_context(in_readers_language(request, publication)) | {"original": publication}
    return render(request, "practices/library/publication_detail.html", context)


def publication_archive(request: PersonRequest, pk: int) -> HttpResponse:
    publication = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    if not request.user.has_perm("library.archive_publication", publication):
        raise PermissionDenied
    form = ArchiveForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.archive_publication(publication=publication, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is archived. Lists do not show it any more."))
            return redirect(publication)
    context = {"form": form, "publication": publication}
    return render_form(request, "practices/library/publication_archive.html", context, invalid=form.is_bound)


@require_POST
def publication_restore(request: PersonRequest, pk: int) -> HttpResponse:
    publication = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    done = _("It is published again.")
    tell_outcome(request, lambda: services.restore_publication(publication=publication, by=request.user), done)
    return redirect(publication)
