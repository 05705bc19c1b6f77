"""How much one person writes, wherever they write it; and what arrives twice because it was sent twice."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.kit.templatetags.kit import when
from exchange.moderation.silences import check_may_write
from members.accounts.models import User

MOST_AN_HOUR = 30  # by one person
HOUR = timedelta(hours=1)
# What others are told of, as the journal names it: also words that are changed, which can name people, and meetings.
WRITING = (
    "question_asked", "commented", "replied", "comment_edited", "post_written", "group_event_saved", "group_file_added",
)  # fmt: skip
MOST_INVITED = 30  # people, to groups, in a day
DAY = timedelta(days=1)
SENT_TWICE = timedelta(minutes=10)  # the same thing of one person in one place


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
    if again is not None and (sent := sent_before(again, by=by)):
        return sent
    times = _acts(by, WRITING, HOUR)
    if len(times) >= MOST_AN_HOUR:
        resumes = times[-MOST_AN_HOUR] + HOUR
        raise ValidationError(
            _("You have written %(most)s messages in an hour. Please send this one after %(at)s; your text stays here.")
            % {"most": MOST_AN_HOUR, "at": when(resumes)},
            code="limit",
        )
    return None


def check_may_invite(by: User) -> None:
    """Check that `by` may invite one more person to a group now; invitations come one after the other.

    Raises:
        ValidationError: they have invited many today, with when it goes on; or a coordinator has stopped them.
    """
    check_may_write(by)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    times = _acts(by, ("group_invite",), DAY)
    if len(times) >= MOST_INVITED:
        raise ValidationError(
            _("You have invited %(most)s people in a day. You can invite more after %(at)s.")
            % {"most": MOST_INVITED, "at": when(times[-MOST_INVITED] + DAY)},
            code="limit",
        )


def sent_before(rows: "QuerySet[Any]", *, by: User, who: str = "by", at: str = "at") -> Any | None:
    """Return the first of `rows` that `by` has made some minutes ago: the same thing, sent twice.

    Args:
        who, at: what the model calls whoever made it, and when.
    """
    recent = rows.filter(**{who: by, f"{at}__gt": timezone.now() - SENT_TWICE})
    return recent.order_by(at, "pk").first()


def unanswered(rows: "QuerySet[Any]", *, by: User) -> "QuerySet[Any]":
    """Return the `rows` of one place after which nobody else wrote there: "Yes" to the next question is a new one."""
    later = rows.exclude(by=by).filter(at__gt=OuterRef("at"))
    return rows.exclude(Exists(later))


def _acts(by: User, verbs: "tuple[str, ...]", since: timedelta) -> "list[Any]":
    """Return when `by` has done any of `verbs` lately, the oldest first. One query."""
    acts = Entry.objects.filter(by=by, audience=Entry.Audience.NOBODY, verb__in=verbs, at__gt=timezone.now() - since)
    return sorted(acts.values_list("at", flat=True))
