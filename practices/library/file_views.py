"""Uploading and reading the files of publications."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.files.serving import serve_blob
from config.files.uploads import read_upload
from members.accounts.requests import PersonRequest
from practices.library.files import ALLOWED, add_file
from practices.library.models import File, Publication


@require_POST
def file_upload(request: PersonRequest, pk: int) -> HttpResponse:
    """Take in `file` for `field`, photos or documents: a fragment for htmx, else back to `next` with a message."""
    publication = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    if not request.user.has_perm("library.change_publication", publication):
        raise PermissionDenied
    field = request.POST.get("field", "")
    if field not in ALLOWED:
        raise BadRequest
    context: dict[str, object] = {"field": field}
    try:
        upload = read_upload(request)
        context["file"] = add_file(publication=publication, upload=upload, field=field, by=request.user)
    except ValidationError as error:
        context["problem"] = " ".join(error.messages)
    if request.htmx:
        status = 422 if "problem" in context else 200
        return render(request, "practices/library/file_uploaded.html", context, status=status)
    if "problem" in context:
        messages.error(request, str(context["problem"]))
    else:
        messages.success(request, _("“%(name)s” is uploaded.") % {"name": context["file"]})
    target = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if here else publication)


@login_not_required
@require_safe
def file_download(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Send a file; with `?size=small` the small size of a picture. Who is not signed in may have the right to it."""
    found: File | None = File.objects.visible_to(request.user).select_related("blob").filter(pk=pk).first()
    if found is None:
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path())  # whether there is such a file or not
    return serve_blob(request, found.blob, name=found.name, small=request.GET.get("size") == "small")
