"""The type of a request behind sign-in, for views."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from members.accounts.models import User


class PersonRequest(HttpRequest):
    """A request of somebody signed in: what `LoginRequiredMiddleware` and the other middleware have made sure of."""

    user: User
    htmx: HtmxDetails
    LANGUAGE_CODE: str
