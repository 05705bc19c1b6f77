"""What people of the network write to each other."""

from exchange.conversations.models.comments import Comment
from exchange.conversations.models.delivery import Delivery, Following
from exchange.conversations.models.groups import Group, GroupEvent, GroupFile, Membership
from exchange.conversations.models.threads import Post, Reader, Thread

__all__ = [
    "Comment", "Delivery", "Following", "Group", "GroupEvent", "GroupFile", "Membership", "Post", "Reader", "Thread",
]  # fmt: skip
