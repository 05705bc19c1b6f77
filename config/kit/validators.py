"""What is true of values in every room. Plain functions that raise `ValidationError`."""

from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

MOST_YEARS = 10  # ahead; the calendars of others show it, and in the year 9999 some of their zones have no day for it


def validate_not_far(value: date | datetime) -> None:
    """Check that a day which others see is at most `MOST_YEARS` years ahead.

    Raises:
        ValidationError: it is later.
    """
    latest = timezone.now() + timedelta(days=366 * MOST_YEARS)
    is_far = value > latest if isinstance(value, datetime) else value > latest.astimezone(UTC).date()
    if is_far:
        raise ValidationError(
            _("This is too far away: at most %(most)s years ahead.") % {"most": MOST_YEARS}, code="far"
        )
