"""Sessions for calendar programs: one as a file, and all of a person's, with the meetings of their groups, as a feed."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import conditional_page, require_safe

from config.kit.calendars import feed
from exchange.conversations import calendar as meetings
from exchange.conversations.models import GroupEvent
from exchange.exchanges.calendars import occasion_of
from exchange.exchanges.fetching import get_part
from exchange.exchanges.models import Exchange, Session
from members.accounts.requests import PersonRequest
from practices.sharing.feeds import find_reader

MOST = 500  # of each


@require_safe
def session_file(request: PersonRequest, pk: int) -> HttpResponse:
    """Return a session as a file that a calendar program opens."""
    session = get_part(request, Session, pk)
    if session.cancelled_at:
        raise Http404
    name = slugify(session.title)[:60] or "session"
    headers = {"Content-Disposition": f'attachment; filename="{name}.ics"'}
    return _answer(feed([occasion_of(session)], name=session.title), headers)


@login_not_required
@require_safe
@conditional_page
def own_calendar(_request: HttpRequest, token: str) -> HttpResponse:
    """Return the sessions that the owner of `token` takes part in and the meetings of their groups.

    A calendar program looks at it again and again.
    """
    reader = find_reader(token)
    if reader is None:
        raise Http404
    sessions = Session.objects.planned().attended_by(reader).exclude(exchange__state=Exchange.State.CANCELLED)
    sessions = sessions.select_related("exchange").order_by("-starts_at", "-pk")
    events = GroupEvent.objects.planned().visible_to(reader).select_related("group").order_by("-starts_at", "-pk")
    with override(reader.language):
        name = _("%(network)s: exchanges and groups") % {"network": settings.NETWORK_NAME}
        found = [occasion_of(one) for one in sessions[:MOST]] + [meetings.occasion_of(one) for one in events[:MOST]]
        data = feed(found, name=name)
    return _answer(data, {"Cache-Control": "private, no-cache"})


def _answer(data: bytes, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(data, content_type="text/calendar; charset=utf-8", headers=headers)
