"""What this room writes: that somebody asked, commented or replied, and what they wrote in a thread."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.kit.markdown import render_markdown
from config.outbox.kinds import CalendarPart, Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from exchange.conversations.delivering import area_of, still_wants
from exchange.conversations.models import Comment, Delivery, Post
from members.accounts.models import User

LEAVE = Signer(salt="exchange.conversations.leave")


def leave_url(user: User, area: str) -> str:
    """Return the address that ends messages of an area with one click."""
    return absolute_url(reverse("conversations:leave", args=[LEAVE.sign(f"{user.pk}.{area}")]))


def find_by_token(token: str) -> tuple[User, str] | None:
    """Return whom a link was signed for, and for which area; None where nobody signed it."""
    try:
        pk, area = LEAVE.unsign(token).split(".")
        user = User.objects.filter(pk=int(pk), is_active=True).first()
    except (BadSignature, ValueError):
        return None
    return (user, area) if user and area in Delivery.Area.values else None


def _comment(message: Message) -> Comment | None:
    found: Comment | None = Comment.objects.with_rows().filter(pk=message.payload["pk"]).first()
    return found


def _comment_is_wanted(message: Message) -> bool:
    comment = _comment(message)
    return bool(
        comment
        and comment.is_shown
        and message.user
        and message.user.has_perm("conversations.view_comment", comment)
        and still_wants(message.user, comment.publication, comment.by)
    )


def _render_comment(message: Message) -> Rendered | None:
    comment = _comment(message)
    if comment is None or message.user is None:
        return None
    context = {
        "comment": comment,
        "publication": comment.publication,
        "is_mentioned": comment.mentions.filter(pk=message.user.pk).exists(),
    }
    return _render("comment", message, comment, Delivery.Area.QUESTIONS, context)


def _post(message: Message) -> Post | None:
    found: Post | None = Post.objects.select_related("thread__group", "by").filter(pk=message.payload["pk"]).first()
    return found


def _post_is_wanted(message: Message) -> bool:
    post = _post(message)
    return bool(
        post
        and post.hidden_at is None
        and post.text
        and message.user
        and message.user.has_perm("conversations.view_post", post)
        and still_wants(message.user, post.thread, post.by)
    )


def _render_post(message: Message) -> Rendered | None:
    post = _post(message)
    if post is None or message.user is None:
        return None
    context = {
        "post": post,
        "thread": post.thread,
        "is_mentioned": post.mentions.filter(pk=message.user.pk).exists(),
    }
    return _render("message", message, post, area_of(post.thread), context)


def _render(
    template: str, message: Message, written: Comment | Post, area: str, context: dict[str, object]
) -> Rendered | None:
    if message.user is None:
        return None
    context |= {
        "written": written,
        "text_html": render_markdown(written.text),
        "link": absolute_url(written.get_absolute_url()),
    }
    return render_leaveable(template, message, message.user, area, context)


def render_leaveable(
    template: str,
    message: Message,
    user: User,
    area: str,
    context: dict[str, object],
    *,
    calendar: CalendarPart | None = None,
) -> Rendered:
    """Render a message of an area, which one click ends."""
    leave = leave_url(user, area)
    context |= {"leave_url": leave, "settings_url": absolute_url(reverse("conversations:delivery"))}
    headers = {
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<{area}.{settings.MAIL_DOMAIN}>",
    }
    return render_email(f"conversations/{template}", message, context, headers, calendar)


COMMENT = register(
    Kind(
        name="conversations.comment",
        label=gettext_lazy("Question, comment or reply"),
        render=_render_comment,
        still_wanted=_comment_is_wanted,
    )
)
MESSAGE = register(
    Kind(
        name="conversations.message",
        label=gettext_lazy("Message in a thread"),
        render=_render_post,
        still_wanted=_post_is_wanted,
    )
)
