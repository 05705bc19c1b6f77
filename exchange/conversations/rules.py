"""Who may do what with what people write."""

from typing import TYPE_CHECKING

import rules

from exchange.connections.models import Block
from members.directory.rules import is_in_network, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from exchange.conversations.models import Comment, Group, Post, Thread
    from members.accounts.models import User


@rules.predicate
def reads_publication(user: "User | AnonymousUser", comment: "Comment | None") -> bool:
    return comment is not None and user.has_perm("library.view_publication", comment.publication)


@rules.predicate
def has_written(user: "User | AnonymousUser", written: "Comment | Post | None") -> bool:
    return written is not None and user.pk is not None and written.by_id == user.pk


@rules.predicate
def is_reply_to_question(_user: "User | AnonymousUser", comment: "Comment | None") -> bool:
    return comment is not None and comment.parent is not None and comment.parent.kind == "question"


@rules.predicate
def has_asked(user: "User | AnonymousUser", comment: "Comment | None") -> bool:
    return comment is not None and comment.parent is not None and comment.parent.by_id == user.pk


@rules.predicate
def is_of_owner(user: "User | AnonymousUser", comment: "Comment | None") -> bool:
    return comment is not None and user.has_perm("library.change_publication", comment.publication)


def standing_in(user: "User | AnonymousUser", group: "Group") -> str:
    """Return where `user` stands with a group; an empty string where they have nothing to do with it. One query."""
    found = group.memberships.of(user).values_list("state", flat=True).first()
    return str(found or "")


@rules.predicate
def is_in_group(user: "User | AnonymousUser", group: "Group | None") -> bool:
    return group is not None and group.hidden_at is None and standing_in(user, group) == "member"


@rules.predicate
def is_invited(user: "User | AnonymousUser", group: "Group | None") -> bool:
    return group is not None and standing_in(user, group) == "invited"


@rules.predicate
def keeps(user: "User | AnonymousUser", group: "Group | None") -> bool:
    """Whether they look after a group: as one of its keepers, or as coordinators of the office that it is of."""
    if group is None or user.pk is None:
        return False
    if group.office_id in roles_of(user).coordinates:
        return True
    return group.memberships.filter(user=user.pk, is_keeper=True).exists()


@rules.predicate
def is_shown(_user: "User | AnonymousUser", group: "Group | None") -> bool:
    return group is not None and group.hidden_at is None and group.ended_at is None


@rules.predicate
def is_of_kept_office(user: "User | AnonymousUser", group: "Group | None") -> bool:
    return group is not None and group.office_id in roles_of(user).coordinates


@rules.predicate
def is_not_closed(_user: "User | AnonymousUser", group: "Group | None") -> bool:
    return group is not None and group.admission != "closed"


@rules.predicate
def is_reader(user: "User | AnonymousUser", thread: "Thread | None") -> bool:
    if thread is None or user.pk is None:
        return False
    if thread.group_id:
        return bool(is_in_group(user, thread.group))
    return thread.readers.filter(user=user.pk, left_at=None).exists()


@rules.predicate
def reads_thread_of(user: "User | AnonymousUser", post: "Post | None") -> bool:
    return post is not None and is_reader(user, post.thread)


@rules.predicate
def was_written_behind_a_block(user: "User | AnonymousUser", post: "Post | None") -> bool:
    if post is None or user.pk is None or post.by_id is None:
        return False
    pair = {user.pk, post.by_id}
    return Block.objects.filter(blocker__in=pair, blocked__in=pair, since__lt=post.at).exists()


rules.add_perm("conversations.view_comment", is_in_network & reads_publication)
rules.add_perm("conversations.change_comment", is_in_network & reads_publication & has_written)
rules.add_perm(
    "conversations.mark_answer", is_in_network & reads_publication & is_reply_to_question & (has_asked | is_of_owner)
)
rules.add_perm("conversations.view_thread", is_in_network & is_reader)
rules.add_perm("conversations.view_post", is_in_network & reads_thread_of & ~was_written_behind_a_block)
rules.add_perm(
    "conversations.view_group",
    is_in_network & is_shown & (is_not_closed | is_in_group | is_invited | is_of_kept_office),
)
rules.add_perm("conversations.take_part", is_in_network & is_in_group)
rules.add_perm("conversations.keep_group", is_in_network & is_shown & keeps)
