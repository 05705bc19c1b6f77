"""Reading the files of publications. They come in through the form of the one who writes."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from config.files.serving import serve_blob
from members.accounts.requests import PersonRequest
from practices.library.models import File


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
