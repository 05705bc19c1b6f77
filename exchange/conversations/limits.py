"""How much one person writes in an hour, wherever they write it; and what arrives twice because it was sent twice."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.templatetags.kit import when
from exchange.conversations.models import Comment, Post
from exchange.moderation.silences import check_may_write
from members.accounts.models import User

MOST_AN_HOUR = 30  # by one person
HOUR = timedelta(hours=1)
SENT_TWICE = timedelta(minutes=10)  # the same words of one person in one place


def check_may_post(by: User, *, again: "QuerySet[Any] | None" = None) -> Any | None:
    """Check that `by` may write now; what they write at once comes one after the other until the transaction ends.

    Args:
        again: comments or messages that say the same in the same place, whoever wrote them.

    Returns:
        The one of `again` that `by` has sent some minutes ago. Whoever gets it writes and delivers nothing.

    Raises:
        ValidationError: they have written much, with when it goes on; or a coordinator has stopped them.
    """
    check_may_write(by)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    since = timezone.now() - HOUR
    if again is not None and (
        sent := again.filter(by=by, at__gt=timezone.now() - SENT_TWICE).order_by("at", "pk").first()
    ):
        return sent
    times = [
        *Comment.objects.filter(by=by, at__gt=since).values_list("at", flat=True),
        *Post.objects.filter(by=by, at__gt=since).values_list("at", flat=True),
    ]
    if len(times) >= MOST_AN_HOUR:
        goes_on = sorted(times)[-MOST_AN_HOUR] + HOUR
        raise ValidationError(
            _("You have written %(most)s messages in an hour. Please send this one after %(at)s; your text stays here.")
            % {"most": MOST_AN_HOUR, "at": when(goes_on)},
            code="limit",
        )
    return None


def unanswered(rows: "QuerySet[Any]", *, by: User) -> "QuerySet[Any]":
    """Return the `rows` of one place after which nobody else wrote there: "Yes" to the next question is a new one."""
    later = rows.exclude(by=by).filter(at__gt=OuterRef("at"))
    return rows.exclude(Exists(later))
