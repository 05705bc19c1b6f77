"""Where mail services report."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from config.outbox.providers import PROVIDERS


@csrf_exempt
@login_not_required
def mail_reports(request: HttpRequest) -> HttpResponse:
    """Take reports of the mail service that MAIL_SERVICE names; django-anymail checks that they are its own."""
    provider = PROVIDERS.get(settings.MAIL_SERVICE)
    if provider is None:
        raise Http404
    response: HttpResponse = import_string(provider.view).as_view()(request)
    return response
