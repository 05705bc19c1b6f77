"""What of this room can be reported to a coordinator."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from exchange.conversations.models import Comment, Group, GroupEvent, GroupFile, Post
from exchange.moderation.reportables import Reportable, office_of_person
from members.accounts.models import User
from members.directory.models import Office

Written = Comment | Post | Group | GroupEvent | GroupFile


def _hide(written: Written) -> None:
    written.hidden_at = timezone.now()
    written.save(update_fields=["hidden_at"])


def _restore(written: Written) -> None:
    written.hidden_at = None
    written.save(update_fields=["hidden_at"])


def _office_of(written: Comment | Post | GroupEvent | GroupFile) -> Office:
    return office_of_person(written.by)


def _begins(post: Post) -> bool:
    """Whether its author has begun a thread with a message, and so has written its subject too."""
    thread = post.thread
    if thread.begun_by_id is None or thread.begun_by_id != post.by_id or thread.purpose:
        return False
    return thread.posts.order_by("at", "pk").values_list("pk", flat=True).first() == post.pk


def _say_post(post: Post) -> str:
    return f"{post.thread.subject}\n{post.text}" if _begins(post) else post.text


def _hide_post(post: Post) -> None:
    _hide(post)
    _set_subject(post, is_hidden=True)


def _restore_post(post: Post) -> None:
    _restore(post)
    _set_subject(post, is_hidden=False)


def _set_subject(post: Post, *, is_hidden: bool) -> None:
    if _begins(post):
        post.thread.is_subject_hidden = is_hidden
        post.thread.save(update_fields=["is_subject_hidden"])


def _keepers_of(group: Group) -> QuerySet[User]:
    return User.objects.filter(pk__in=group.memberships.filter(is_keeper=True).values("user")).order_by("pk")


def _say_meeting(event: GroupEvent) -> str:
    return "\n".join(filter(None, [event.title, event.place, event.link, event.about]))


COMMENT = Reportable(
    name="comment",
    model=Comment,
    label=gettext_lazy("a comment"),
    visible_to=lambda user: Comment.objects.visible_to(user).shown(),
    author_of=lambda comment: comment.by,
    office_of=_office_of,
    excerpt=lambda comment: comment.text,
    url_of=lambda comment: comment.get_absolute_url(),
    hide=_hide,
    restore=_restore,
)
POST = Reportable(
    name="message",
    model=Post,
    label=gettext_lazy("a message"),
    visible_to=lambda user: Post.objects.visible_to(user).filter(hidden_at=None),
    author_of=lambda post: post.by,
    office_of=_office_of,
    excerpt=_say_post,
    url_of=lambda post: post.get_absolute_url(),
    hide=_hide_post,
    restore=_restore_post,
)
MEETING = Reportable(
    name="meeting",
    model=GroupEvent,
    label=gettext_lazy("a meeting of a group"),
    visible_to=GroupEvent.objects.visible_to,
    author_of=lambda event: event.by,
    office_of=_office_of,
    excerpt=_say_meeting,
    url_of=lambda event: event.get_absolute_url(),
    hide=_hide,
    restore=_restore,
)
FILE = Reportable(
    name="file",
    model=GroupFile,
    label=gettext_lazy("a file of a group"),
    visible_to=GroupFile.objects.visible_to,
    author_of=lambda file: file.by,
    office_of=_office_of,
    excerpt=lambda file: file.name,
    url_of=lambda file: file.group.get_absolute_url(),
    hide=_hide,
    restore=_restore,
    opens_at=lambda file: reverse("conversations:file_download", args=[file.pk]),
)
GROUP = Reportable(
    name="group",
    model=Group,
    label=gettext_lazy("a group"),
    visible_to=Group.objects.visible_to,
    author_of=lambda _group: None,  # those who keep it answer for it; whoever founded it may have left
    office_of=lambda group: group.office or office_of_person(group.founded_by),
    excerpt=lambda group: f"{group.name}\n{group.about}",
    url_of=lambda group: group.get_absolute_url(),
    hide=_hide,
    restore=_restore,
    keepers_of=_keepers_of,
    kept_by=lambda user: Group.objects.filter(memberships__user=user.pk or 0, memberships__is_keeper=True),
)
