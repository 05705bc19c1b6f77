"""What of this room can be reported to a coordinator."""

from django.utils import timezone
from django.utils.translation import gettext_lazy

from exchange.conversations.models import Comment, Group, Post
from exchange.moderation.reportables import Reportable, office_of_person
from members.directory.models import Office


def _hide(written: Comment | Post | Group) -> None:
    written.hidden_at = timezone.now()
    written.save(update_fields=["hidden_at"])


def _restore(written: Comment | Post | Group) -> None:
    written.hidden_at = None
    written.save(update_fields=["hidden_at"])


def _office_of(written: Comment | Post) -> Office:
    return office_of_person(written.by)


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
    excerpt=lambda post: post.text,
    url_of=lambda post: post.get_absolute_url(),
    hide=_hide,
    restore=_restore,
)
GROUP = Reportable(
    name="group",
    model=Group,
    label=gettext_lazy("a group"),
    visible_to=Group.objects.visible_to,
    author_of=lambda group: group.founded_by,
    office_of=lambda group: group.office or office_of_person(group.founded_by),
    excerpt=lambda group: f"{group.name}\n{group.about}",
    url_of=lambda group: group.get_absolute_url(),
    hide=_hide,
    restore=_restore,
)
