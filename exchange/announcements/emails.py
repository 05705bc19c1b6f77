"""An announcement as a message: the same for all who read one language, but for the link that leaves."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

from django.conf import settings
from django.core.signing import Signer
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.kit.markdown import render_markdown
from config.outbox.fragments import Part, encode, place, render_frame
from config.outbox.kinds import Kind, Prepared, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url
from exchange.announcements.models import Announcement, Leave
from members.accounts.models import User
from members.directory.querysets import in_network_q

LEAVE = Signer(salt="exchange.announcements.leave")


def messages_of(announcement: Announcement) -> "QuerySet[Message]":
    """Return the messages that an announcement was queued as: what was sent as a test, or again, is none of them."""
    return Message.objects.filter(key__startswith=f"{ANNOUNCEMENT.name}:{announcement.pk}:")


def build_message(announcement: Announcement, reader: User) -> Message:
    """Return the unsaved message to one reader."""
    return Message(
        kind=ANNOUNCEMENT.name,
        key=f"{ANNOUNCEMENT.name}:{announcement.pk}:{reader.pk}",
        priority=ANNOUNCEMENT.priority,
        recipient=reader.email,
        user=reader,
        language=reader.language,
        payload={"announcement": announcement.pk},
    )


def leave_url(user: int) -> str:
    """Return the address that ends announcements with one click."""
    return absolute_url(reverse("announcements:leave", args=[LEAVE.sign(str(user))]))


def _prepare(messages: Sequence[Message]) -> list[Prepared]:
    """Ask whether they are still going out, and to whom; three queries for any number."""
    rows = Announcement.objects.filter(pk__in={one.payload["announcement"] for one in messages})
    announcements = {one.pk: one for one in rows.select_related("office").prefetch_related("texts")}
    readers = {one.user_id for one in messages if one.user_id}
    here = set(User.objects.filter(in_network_q(), pk__in=readers).values_list("pk", flat=True))
    left = set(Leave.objects.filter(user__in=readers).values_list("user", flat=True))
    return [_prepare_one(one, announcements, here, left) for one in messages]


def _prepare_one(
    message: Message, announcements: Mapping[int, Announcement], here: set[int], left: set[int]
) -> Prepared:
    announcement = announcements.get(message.payload["announcement"])
    reader = message.user_id or 0
    is_test = message.payload.get("test", False)
    unwanted = ""
    if announcement is None:
        unwanted = "the announcement is gone"
    elif not is_test and announcement.state == Announcement.State.STOPPED:
        unwanted = "stopped by a coordinator"
    elif reader not in here:
        unwanted = "the reader has left the network"
    elif not is_test and not announcement.is_important and reader in left:
        unwanted = "the reader wants no announcements"
    return Prepared(partial(_render, announcement, message.language, reader), unwanted)


def _render(announcement: Announcement | None, language: str, reader: int) -> Rendered | None:
    text = announcement.text_in(language) if announcement else None
    if announcement is None or text is None:
        return None
    said = (str(announcement.office), text.language, text.subject, text.body)
    frame = _frame(said, language, announcement.is_important)
    leave = leave_url(reader)
    as_text, as_html = encode(leave)
    headers = {"List-Id": f"<announcements.{settings.MAIL_DOMAIN}>"}
    if not announcement.is_important:
        headers |= {
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return Rendered(
        subject=text.subject,
        text=frame.text.fill({"leave_url": as_text}),
        html=frame.html.fill({"leave_url": as_html}),
        headers=headers,
    )


@lru_cache(maxsize=64)
def _frame(said: tuple[str, str, str, str], language: str, is_important: bool) -> Part:  # noqa: FBT001 - a key of the cache
    """Write the mail once for a language; what it says is its key, so it can never be stale."""
    office, written_in, subject, body = said
    context = {
        "office": office,
        "written_in": written_in,
        "subject": subject,
        "body": body,
        "body_html": render_markdown(body),
        "is_important": is_important,
        "leave_url": place("leave_url"),
    }
    return render_frame("announcements/announcement", language, context)


ANNOUNCEMENT = register(
    Kind(
        name="announcements.announcement",
        label=gettext_lazy("Announcement"),
        priority=Message.Priority.BULK,
        prepare=_prepare,
    )
)
