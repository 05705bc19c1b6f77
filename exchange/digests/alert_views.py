"""Leaving what is new in saved searches."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from exchange.digests.alerts import find_searches, stop_alerts
from practices.search.models import SavedSearch


@csrf_exempt
@login_not_required
def alerts_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop with one click (RFC 8058): a POST needs no sign-in, no cookie and no token of a form. A GET only asks."""
    found = find_searches(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        stop_alerts(found)
    searches = list(found)
    language = searches[0].user.language if searches else request.LANGUAGE_CODE
    with translation.override(language):
        request.LANGUAGE_CODE = language
        left = all(one.cadence == SavedSearch.Cadence.NEVER for one in searches)
        return render(request, "exchange/digests/alerts_stop.html", {"left": left, "searches": searches})
