"""The sheet as a download."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from members.accounts.requests import PersonRequest
from practices.library.models import Publication
from practices.sharing.public import public_slug
from practices.sharing.sheet import practice_sheet


@require_safe
def publication_sheet(request: PersonRequest, pk: int) -> HttpResponse:
    readable = Publication.objects.visible_to(request.user).published()
    publication = get_object_or_404(readable.with_cards().with_page(), pk=pk)
    name = f"{publication.pk}-{public_slug(publication)}.pdf"
    headers = {
        # A page in the browser would stand under this site's own address, with its content policy.
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(practice_sheet(publication), content_type="application/pdf", headers=headers)
