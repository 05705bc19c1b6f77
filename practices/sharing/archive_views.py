"""The page on which a member's people take everything along."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from members.accounts.requests import PersonRequest
from members.directory.models import Member
from practices.library.models import Publication
from practices.sharing.archive import MOST_FILE_BYTES, files_size, make_archive


def member_export(request: PersonRequest, slug: str) -> HttpResponseBase:
    """Say what there is; a POST answers with the ZIP, `files=yes` with the files in it."""
    member = get_object_or_404(Member.objects.visible_to(request.user), slug=slug)
    if not request.user.has_perm("sharing.export_member", member):
        raise PermissionDenied
    problem = ""
    if request.method == "POST":
        try:
            made = make_archive(member=member, with_files=request.POST.get("files") == "yes", by=request.user)
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            name = f"{member.slug}-{timezone.localdate():%Y-%m-%d}.zip"
            return FileResponse(made, as_attachment=True, filename=name, content_type="application/zip")
    size = files_size(member)
    context = {
        "member": member,
        "problem": problem,
        "count": Publication.objects.visible_to(request.user).filter(owner_member=member).count(),
        "size": size,
        "too_large": size > MOST_FILE_BYTES,
    }
    return render(request, "practices/sharing/member_export.html", context, status=422 if problem else 200)
