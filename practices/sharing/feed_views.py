"""Feeds at open addresses, and at a reader's own."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.views.decorators.http import conditional_page, require_safe

from config.outbox.rendering import absolute_url
from config.vocabulary.models import Pathway, Topic
from practices.library.models import Publication
from practices.library.querysets import PublicationQuerySet
from practices.search.models import SavedSearch
from practices.search.saving import ask
from practices.sharing.feeds import TERMS, find_reader, of_term, term_page, write_feed
from practices.sharing.public import public_publications, public_url
from practices.sharing.public_views import for_everybody


@for_everybody
@conditional_page
def public_feed(_request: HttpRequest, terms: str, code: str) -> HttpResponse:
    """What is public of a pathway or topic; `terms` is a key of `TERMS`."""
    term = _get_term(terms, code)
    page = term_page(term, reverse("sharing:public_list"))
    address = absolute_url(reverse("sharing:public_feed", args=[terms, code]))
    found = of_term(public_publications(), term)
    return _answer(*write_feed(found, title=str(term), page=page, address=address, link=public_url))


@login_not_required
@require_safe
@conditional_page
def own_feed(_request: HttpRequest, token: str, terms: str, code: str) -> HttpResponse:
    """All that the owner of `token` may read of a pathway or topic."""
    reader = find_reader(token)
    if reader is None:
        raise Http404
    term = _get_term(terms, code)
    found = of_term(Publication.objects.visible_to(reader), term)
    page = term_page(term, reverse("search:publication_list"))
    return _answer_reader(
        found, title=str(term), page=page, address=reverse("sharing:own_feed", args=[token, terms, code])
    )


@login_not_required
@require_safe
@conditional_page
def search_feed(_request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """What a search finds that the owner of `token` has saved, the newest first; nothing while it rests."""
    reader = find_reader(token)
    if reader is None:
        raise Http404
    asked = ask(get_object_or_404(SavedSearch.objects.select_related("user"), pk=pk, user=reader))
    found = Publication.objects.visible_to(reader).published().filter(pk__in=[] if asked.rests else asked.found.ids)
    page = absolute_url(asked.saved.get_absolute_url())
    return _answer_reader(
        found, title=asked.saved.name, page=page, address=reverse("sharing:search_feed", args=[token, pk])
    )


def _answer_reader(found: PublicationQuerySet, *, title: str, page: str, address: str) -> HttpResponse:
    link: Callable[[Publication], str] = lambda one: absolute_url(one.get_absolute_url())  # noqa: E731
    response = _answer(*write_feed(found, title=title, page=page, address=absolute_url(address), link=link))
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
