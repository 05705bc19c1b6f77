"""Pages without sign-in, and the page on which a member decides what is shown there."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

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
from config.vocabulary.models import Pathway, Term, Topic
from members.accounts.requests import PersonRequest
from practices.library.models import Publication
from practices.sharing import services
from practices.sharing.feeds import TERMS
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
AnyTerm = TypeVar("AnyTerm", bound=Term)


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
    """List what is public; `?pathway=` or `?topic=` narrow it down to one each."""
    pathways = Pathway.by_code()
    pathway = _chosen(request, "pathway", pathways)
    topic = _chosen(request, "topic", Topic.by_code()) if "topic" in request.GET else None
    chosen = [(terms, term) for terms, term in (("pathways", pathway), ("topics", topic)) if term]
    found = public_publications()
    for terms, term in chosen:
        found = found.filter(**{terms: term})
    page = Paginator(found.with_cards().with_covers(public=True), PAGE_SIZE).get_page(request.GET.get("page"))
    for one in page.object_list:
        one.public_path = public_path(one)
    total = page.paginator.count
    heading = ngettext("%(count)d practice or project", "%(count)d practices and projects", total)
    context = {
        "page": page,
        "pathways": pathways.values(),
        "pathway": pathway,
        "topic": topic,
        "feeds": chosen,
        "heading": heading % {"count": total},
    }
    return render(request, "practices/sharing/public_list.html", context)


def _chosen(request: HttpRequest, name: str, terms: Mapping[str, AnyTerm]) -> AnyTerm | None:
    """Return the term that a parameter names, or None where it is not there. Raises Http404 for an unknown one."""
    code = request.GET.get(name, "")
    if code and code not in terms:
        raise Http404
    return terms.get(code)


@for_everybody
def public_detail(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Show a public page, in the language of an approved translation with `?lang=`."""
    publication = get_object_or_404(public_publications().with_cards().with_page(), pk=pk)
    if slug != public_slug(publication):
        return redirect(public_path(publication), permanent=True)
    context = public_context(publication, request.GET.get("lang", ""))
    if context is None:  # the original itself, or a translation that is not there, any more or yet
        return redirect(public_path(publication))
    context["feeds"] = [(terms, term) for terms in TERMS for term in getattr(publication, terms).all()]
    return render(request, "practices/sharing/public_detail.html", context)


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
