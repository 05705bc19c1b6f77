"""Pages without sign-in, and the page on which a member decides what is shown there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from config.kit.acts import tell_outcome
from config.outbox.rendering import absolute_url
from config.vocabulary.models import Pathway
from members.accounts.requests import PersonRequest
from practices.library.models import Publication
from practices.sharing import services
from practices.sharing.linked_data import linked_data
from practices.sharing.public import (
    public_context,
    public_path,
    public_photos,
    public_publications,
    public_slug,
    public_url,
)

PAGE_SIZE = 20
PLAIN = {"ensure_ascii": False, "indent": 1}
View = Callable[..., HttpResponse]


def for_everybody(view: View) -> View:
    """Let everybody read `view` without signing in, and search engines keep it."""

    @wraps(view)
    def open_view(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response.headers["X-Robots-Tag"] = "all"
        return response

    opened: View = login_not_required(require_safe(open_view))
    return opened


@for_everybody
def public_list(request: HttpRequest) -> HttpResponse:
    """List what is public; `?pathway=` narrows it down to one pathway."""
    pathways = Pathway.by_code()
    code = request.GET.get("pathway", "")
    if code and code not in pathways:
        raise Http404
    found = public_publications()
    if code:
        found = found.filter(pathways__code=code)
    page = Paginator(found.with_cards().with_covers(public=True), PAGE_SIZE).get_page(request.GET.get("page"))
    for one in page.object_list:
        one.public_path = public_path(one)
    total = page.paginator.count
    heading = ngettext("%(count)d practice or project", "%(count)d practices and projects", total)
    context = {
        "page": page,
        "pathways": pathways.values(),
        "chosen": code,
        "feed_title": pathways.get(code, ""),
        "heading": heading % {"count": total},
    }
    return render(request, "practices/sharing/public_list.html", context)


@for_everybody
def public_detail(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    publication = get_object_or_404(public_publications().with_cards().with_page(), pk=pk)
    if slug != public_slug(publication):
        return redirect(public_path(publication), permanent=True)
    return render(request, "practices/sharing/public_detail.html", public_context(publication))


@for_everybody
def robots(_request: HttpRequest) -> HttpResponse:
    """Tell search engines what is for them (RFC 9309)."""
    text = render_to_string("practices/sharing/robots.txt", {"sitemap": absolute_url("/sitemap.xml")})
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def publication_data(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer with linked data: to everybody of what is public, to a reader of what they may read."""
    found = public_publications() | Publication.objects.visible_to(request.user).published()
    publication = found.with_cards().with_page().filter(pk=pk).first()
    if publication is None:
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path())  # whether there is such a publication or not
    return JsonResponse(linked_data(publication), content_type="application/ld+json", json_dumps_params=PLAIN)


def publication_public(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask before a publication is shown to the public or hidden again; `shown` says what is wanted."""
    readable = Publication.objects.visible_to(request.user).with_cards()
    publication = get_object_or_404(readable.with_page(), pk=pk)
    if not request.user.has_perm("library.change_publication", publication):
        raise PermissionDenied
    if request.method == "POST":
        if request.POST.get("shown") == "yes":
            act, done = services.show_to_public, _("Everybody can read it now.")
        else:
            act, done = services.hide_from_public, _("It is for the network only again.")
        tell_outcome(request, lambda: act(publication=publication, by=request.user), done)
        return redirect(publication)
    photos = public_photos(publication)
    context = {
        "publication": publication,
        "url": public_url(publication),
        "photos": photos,
        "photos_inside": len(publication.photos.all()) - len(photos),
    }
    return render(request, "practices/sharing/publication_public.html", context)
