"""What this room knows of a person: what they wrote, and how they want to hear of what others write."""

from collections.abc import Iterable
from typing import Any

from exchange.conversations.commenting import erase_comments
from exchange.conversations.grouping import erase_memberships
from exchange.conversations.models import Comment, Delivery, Following, GroupFile, Membership, Post, Reader
from members.accounts.models import User


def read_comments(user: User) -> Iterable[dict[str, Any]]:
    for one in Comment.objects.filter(by=user).select_related("publication").order_by("pk"):
        yield {"publication": one.publication.title, "at": one.at, "kind": one.kind, "text": one.text}


def read_posts(user: User) -> Iterable[dict[str, Any]]:
    for one in Post.objects.filter(by=user).select_related("thread").order_by("pk"):
        yield {"thread": one.thread.subject, "at": one.at, "text": one.text}


def read_groups(user: User) -> Iterable[dict[str, Any]]:
    for one in Membership.objects.filter(user=user).select_related("group").order_by("pk"):
        yield {"group": one.group.name, "state": one.state, "is_keeper": one.is_keeper, "message": one.message}
    for file in GroupFile.objects.filter(by=user).select_related("group").order_by("pk"):
        yield {"group": file.group.name, "file": file.name, "at": file.at}


def read_delivery(user: User) -> Iterable[dict[str, Any]]:
    yield from Delivery.objects.filter(user=user).values(*Delivery.Area.values)
    for one in Following.objects.filter(user=user).select_related("publication", "group", "thread").order_by("pk"):
        yield {"thing": str(one.publication or one.group or one.thread), "mutes": one.mutes}


def erase(user: User) -> None:
    """Take their words out of what others read, and them out of their threads and groups."""
    erase_comments(user)
    erase_memberships(user)
    Post.objects.filter(by=user).update(text="")
    for model in (Reader, Delivery, Following):
        model._default_manager.filter(user=user).delete()
