"""Whether Talkoo is well, for people and for programs that watch it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView, MediaType
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from config.ops.registry import Look, Rooms, checks


@dataclass(repr=False)
class Check(HealthCheck):
    """One room's check; the database is asked in the thread of the request."""

    name: str
    look: Look = field(repr=False)

    def __repr__(self) -> str:
        return self.name

    async def run(self) -> None:
        if problem := await sync_to_async(self.look)():
            raise ServiceUnavailable(problem)


@method_decorator(login_not_required, name="dispatch")
class Health(HealthCheckView):
    """Answer 200 where all is well, else 503; a page, JSON or text as is asked for (`?format=json`)."""

    template_name = "ops/health.html"

    async def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            list(MediaType.parse_header(request.headers.get("Accept", "*/*")))
        except ValueError:  # which the library takes for a fault of ours
            return HttpResponse(status=406)
        response: HttpResponseBase = await super().dispatch(request, *args, **kwargs)
        if response.status_code == 500:
            response.status_code = 503
        return response

    def get_checks(self) -> Iterator[HealthCheck]:
        for name, look in checks().items():
            yield Check(name, look)


@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell the figures of all rooms in Prometheus' text format, to administrators and to who has METRICS_TOKEN."""
    if not (_has_token(request) or getattr(request.user, "is_administrator", False)):
        if request.user.is_authenticated:
            return HttpResponse(status=403)
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Rooms())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and kind.lower() == "bearer" and constant_time_compare(token.strip(), wanted)
