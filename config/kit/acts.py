"""Acts behind a single button: there is no form to show what is wrong, so a message tells it."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest


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
