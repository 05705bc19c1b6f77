"""Feeds at open addresses, and at a reader's own."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.views.decorators.http import conditional_page, require_safe

from config.outbox.rendering import absolute_url
from config.vocabulary.models import Pathway, Topic
from practices.library.models import Publication
from practices.sharing.feeds import TERMS, find_reader, term_page, write_feed
from practices.sharing.public import public_publications, public_url
from practices.sharing.public_views import for_everybody


@for_everybody
@conditional_page
def public_feed(_request: HttpRequest, terms: str, code: str) -> HttpResponse:
    """What is public of a pathway or topic; `terms` is a key of `TERMS`."""
    term = _get_term(terms, code)
    page = term_page(term, reverse("sharing:public_list"))
    address = absolute_url(reverse("sharing:public_feed", args=[terms, code]))
    return _answer(*write_feed(public_publications(), term=term, page=page, address=address, link=public_url))


@login_not_required
@require_safe
@conditional_page
def own_feed(_request: HttpRequest, token: str, terms: str, code: str) -> HttpResponse:
    """All that the owner of `token` may read of a pathway or topic."""
    reader = find_reader(token)
    if reader is None:
        raise Http404
    term = _get_term(terms, code)
    publications = Publication.objects.visible_to(reader)
    page = term_page(term, reverse("search:publication_list"))
    address = absolute_url(reverse("sharing:own_feed", args=[token, terms, code]))
    link: Callable[[Publication], str] = lambda one: absolute_url(one.get_absolute_url())  # noqa: E731
    response = _answer(*write_feed(publications, term=term, page=page, address=address, link=link))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _get_term(terms: str, code: str) -> Pathway | Topic:
    if terms not in TERMS:
        raise Http404
    term = TERMS[terms].by_code().get(code)
    if term is None:
        raise Http404
    return term


def _answer(text: str, changed: datetime | None) -> HttpResponse:
    response = HttpResponse(text, content_type=Atom1Feed.content_type)
    if changed:
        response.headers["Last-Modified"] = http_date(changed.timestamp())
    return response
