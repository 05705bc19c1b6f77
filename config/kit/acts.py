"""Acts behind a button, which lead back to where somebody was. Without a form, a message tells what is wrong."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest, default: str) -> str:
    """Return the address that `next` in the form or the query names, where it is one of this site; else `default`."""
    target = request.POST.get("next") or request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if here else default


def tell_outcome(request: HttpRequest, act: Callable[[], object], done: str = "") -> bool:
    """Do `act`, a service's call, and leave a message for the next page: `done`, or why it was not possible.

    Returns:
        Whether it was done.
    """
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    if done:
        messages.success(request, done)
    return True
