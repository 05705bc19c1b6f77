"""What a page of questions and comments shows, in as many queries for one as for many."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from exchange.connections.models import Block
from exchange.conversations.mentions import render_with_mentions
from exchange.conversations.models import Comment, Following
from members.accounts.models import User
from practices.library.models import Publication

MOST_DIGITS = 19  # of a key


@dataclass
class Shown:
    """One comment as one reader sees it, with its replies: the answer first, then the oldest."""

    comment: Comment
    html: SafeString | str
    is_own: bool
    is_from_blocked: bool
    may_mark: bool
    replies: "list[Shown]" = field(default_factory=list)


def show_comments(comments: list[Comment], user: User, publication: Publication) -> list[Shown]:
    """Return questions and comments of a publication as `user` sees them, with what was replied. Four queries."""
    rows = Comment.objects.filter(parent__in=[one.pk for one in comments]).select_related("by", "parent")
    replies = list(rows.prefetch_related("mentions").order_by("-is_answer", "at", "pk"))
    blocked = set(Block.objects.filter(blocker=user).values_list("blocked", flat=True))
    writes = user.has_perm("library.change_publication", publication)
    by_parent: dict[int, list[Comment]] = defaultdict(list)
    for reply in replies:
        by_parent[reply.parent_id or 0].append(reply)

    def show(one: Comment, *, may_mark: bool) -> Shown:
        return Shown(
            comment=one,
            html=render_with_mentions(one.text, one.mentions.all()) if one.is_shown else "",
            is_own=one.by_id == user.pk,
            is_from_blocked=one.by_id in blocked,
            may_mark=may_mark and one.is_shown,
        )

    found = []
    for one in comments:
        shown = show(one, may_mark=False)
        marks = one.kind == Comment.Kind.QUESTION and (writes or one.by_id == user.pk)
        shown.replies = [show(reply, may_mark=marks) for reply in by_parent[one.pk]]
        found.append(shown)
    return found


def key_of(typed: str) -> int:
    """Return a key as it stands in an address; 0, which nothing has, for anything else."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < MOST_DIGITS else 0


def way_of(user: User, **thing: object) -> str:
    """Return "follow", "mute" or an empty string. One query."""
    row = Following.objects.filter(user=user, **thing).first()
    return "" if row is None else "mute" if row.mutes else "follow"
