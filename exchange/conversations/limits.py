"""How much one person writes in an hour, wherever they write it."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.templatetags.kit import when
from exchange.conversations.models import Comment, Post
from exchange.moderation.silences import check_may_write
from members.accounts.models import User

MOST_AN_HOUR = 30  # by one person
HOUR = timedelta(hours=1)


def check_may_post(by: User) -> None:
    """Check that `by` may write now; what they write at once comes one after the other until the transaction ends.

    Raises:
        ValidationError: they have written much, with when it goes on; or a coordinator has stopped them.
    """
    check_may_write(by)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    since = timezone.now() - HOUR
    times = [
        *Comment.objects.filter(by=by, at__gt=since).values_list("at", flat=True),
        *Post.objects.filter(by=by, at__gt=since).values_list("at", flat=True),
    ]
    if len(times) >= MOST_AN_HOUR:
        again = sorted(times)[-MOST_AN_HOUR] + HOUR
        raise ValidationError(
            _("You have written %(most)s messages in an hour. Please send this one after %(at)s; your text stays here.")
            % {"most": MOST_AN_HOUR, "at": when(again)},
            code="limit",
        )
