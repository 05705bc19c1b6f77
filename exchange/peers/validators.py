"""What is true of the days of an ask or offer, whichever way they come in."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.validators import validate_not_far
from exchange.peers.models import MOST_DAYS


def check_days(*, starts_on: date | None, ends_on: date | None, closes_on: date | None, already: date | None) -> None:
    """Check when it could take place, and until when it is open.

    Args:
        already: the first day that it names by now, which may have passed meanwhile.

    Raises:
        ValidationError: by field, everything that cannot be.
    """
    today = timezone.localdate()
    found: dict[str, list[str]] = {}
    for name, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if day and day < today and not (name == "starts_on" and day == already):
            found[name] = [_("This day has passed.")]
        elif day:
            try:
                validate_not_far(day)
            except ValidationError as error:
                found[name] = error.messages
    if starts_on and ends_on and ends_on < starts_on and not found:
        found["ends_on"] = [_("It cannot end before it starts.")]
    if closes_on:
        try:
            check_last_day(closes_on)
        except ValidationError as error:
            found |= error.message_dict
    if found:
        raise ValidationError(found)


def check_last_day(closes_on: date) -> None:
    """Check until when it is open.

    Raises:
        ValidationError: the day has passed, or is more than a year off.
    """
    today = timezone.localdate()
    if closes_on < today:
        raise ValidationError({"closes_on": _("This day has passed.")})
    if closes_on > today + timedelta(days=MOST_DAYS):
        raise ValidationError({"closes_on": _("At most a year from today. You can open it again then.")})
