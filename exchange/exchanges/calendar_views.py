"""Sessions for calendar programs: one as a file, and all of a person's as a feed."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import conditional_page, require_safe

from exchange.exchanges import calendars
from exchange.exchanges.fetching import get_part
from exchange.exchanges.models import Exchange, Session
from members.accounts.requests import PersonRequest
from practices.sharing.feeds import find_reader

MOST_SESSIONS = 500


@require_safe
def session_file(request: PersonRequest, pk: int) -> HttpResponse:
    """Return a session as a file that a calendar program opens."""
    session = get_part(request, Session, pk)
    if session.cancelled_at:
        raise Http404
    name = slugify(session.title)[:60] or "session"
    headers = {"Content-Disposition": f'attachment; filename="{name}.ics"'}
    return _answer(calendars.feed([session], name=session.title), headers)


@login_not_required
@require_safe
@conditional_page
def own_calendar(_request: HttpRequest, token: str) -> HttpResponse:
    """Return the sessions that the owner of `token` takes part in, for a calendar program to look at again and again."""
    reader = find_reader(token)
    if reader is None:
        raise Http404
    rows = Session.objects.planned().attended_by(reader).exclude(exchange__state=Exchange.State.CANCELLED)
    with override(reader.language):
        name = _("%(network)s: exchanges") % {"network": settings.NETWORK_NAME}
        data = calendars.feed(rows.select_related("exchange").order_by("-starts_at", "-pk")[:MOST_SESSIONS], name=name)
    return _answer(data, {"Cache-Control": "private, no-cache"})


def _answer(data: bytes, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(data, content_type="text/calendar; charset=utf-8", headers=headers)
