"""Every write to threads: begin, write, read, leave; and what upper rooms need to have threads of their own."""

from collections.abc import Iterable

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from config.kit.texts import tidy_line, tidy_text
from exchange.connections.blocks import blocked_ids, is_blocked
from exchange.connections.queries import are_connected, connected_ids
from exchange.conversations.delivering import deliver
from exchange.conversations.emails import MESSAGE
from exchange.conversations.limits import check_may_post, unanswered
from exchange.conversations.mentions import find_mentions
from exchange.conversations.models import Following, Group, Membership, Post, Reader, Thread
from members.accounts.models import User
from members.directory.querysets import in_network_q
from members.directory.rules import is_in_network

MOST_READERS = 30


@transaction.atomic
def begin_thread(*, people: Iterable[User], subject: str, text: str, by: User) -> Thread:
    """Begin a thread with people `by` is connected with; what was sent twice begins one.

    Raises:
        PermissionDenied: `by` has left the network.
        ValidationError: one of them is not connected with `by`, or there are too many; or by field.
    """
    if not is_in_network(by):
        raise PermissionDenied
    others = {one.pk: one for one in people if one != by}
    if not others or not others.keys() <= connected_ids(by):
        raise ValidationError({"people": _("You can write to the people you are connected with.")})
    if len(others) >= MOST_READERS:
        raise ValidationError({"people": _("A thread has at most %(most)s people.") % {"most": MOST_READERS}})
    among = Thread.objects.private().annotate(who=ArrayAgg("readers__user", order_by="readers__user"))
    if sent := _begun(among.filter(who=sorted([by.pk, *others])), subject, text, by):
        return sent
    thread = open_thread(people=[by, *others.values()], subject=subject, by=by)
    write_post(thread=thread, text=text, by=by)
    return thread


@transaction.atomic
def begin_discussion(*, group: Group, subject: str, text: str, by: User) -> Thread:
    """Begin a discussion in a group; what was sent twice begins one.

    Raises:
        PermissionDenied: `by` is not in the group.
        ValidationError: `by` has written much in an hour, or by field.
    """
    if not by.has_perm("conversations.take_part", group):
        raise PermissionDenied
    if sent := _begun(Thread.objects.filter(group=group), subject, text, by):
        return sent
    thread = Thread(subject=tidy_line(subject), group=group, begun_by=by, last_at=timezone.now())
    thread.full_clean()
    thread.save()
    record(verb="thread_begun", obj=thread, by=by, audience=Entry.Audience.NOBODY)
    write_post(thread=thread, text=text, by=by)
    return thread


@transaction.atomic
def open_thread(*, people: Iterable[User], subject: str, purpose: str = "", by: User | None = None) -> Thread:
    """Open a thread for a set of people, for rooms that know themselves who belongs to it; no connection is needed.

    Args:
        purpose: names the room.
        by: who opens it; None where the system does.

    Raises:
        ValidationError: by field.
    """
    thread = Thread(subject=tidy_line(subject), purpose=purpose, begun_by=by, last_at=timezone.now())
    thread.full_clean()
    thread.save()
    set_readers(thread=thread, people=people)
    record(verb="thread_begun", obj=thread, by=by, audience=Entry.Audience.NOBODY)
    return thread


@transaction.atomic
def set_readers(*, thread: Thread, people: Iterable[User]) -> None:
    """Let exactly `people` read a thread, for the room that its purpose names. Who is new reads what was written."""
    pks = {one.pk for one in people}
    Reader.objects.filter(thread=thread, left_at=None).exclude(user__in=pks).update(left_at=timezone.now())
    Reader.objects.filter(thread=thread, user__in=pks).update(left_at=None)
    known = set(Reader.objects.filter(thread=thread, user__in=pks).values_list("user", flat=True))
    Reader.objects.bulk_create(Reader(thread=thread, user_id=pk) for pk in sorted(pks - known))


@transaction.atomic
def write_post(*, thread: Thread, text: str, by: User) -> Post:
    """Write into a thread. Its other readers hear of it as they want to. What was sent twice stands once.

    Raises:
        PermissionDenied: `by` is not in it.
        ValidationError: nobody else is there to read it, `by` has written much in an hour, or by field.
    """
    if not by.has_perm("conversations.view_thread", thread):
        raise PermissionDenied
    text = tidy_text(text)
    there = unanswered(Post.objects.filter(thread=thread), by=by)
    sent: Post | None = check_may_post(by, again=there.filter(text=text))
    if sent:
        return sent
    thread = Thread.objects.select_for_update(no_key=True, of=("self",)).select_related("group").get(pk=thread.pk)
    others = readers_of(thread, but=by)
    if reason := why_closed(thread, others, by):
        raise ValidationError(reason)
    post = Post(thread=thread, text=text, by=by)
    post.full_clean()
    if not post.text:
        raise ValidationError({"text": _("Please write something.")})
    post.save()
    readers = User.objects.filter(pk__in=[one.pk for one in others])
    post.mentions.set(find_mentions(post.text, readers))
    thread.last_at = post.at
    thread.save(update_fields=["last_at"])
    mark_read(thread=thread, by=by)
    record(verb="post_written", obj=post, by=by, audience=Entry.Audience.NOBODY)
    verb = "discussed" if thread.group_id else "message_for_you"
    deliver(obj=post, thing=thread, people=others, kind=MESSAGE, verb=verb, by=by)
    return post


@transaction.atomic
def leave_thread(*, thread: Thread, by: User) -> None:
    """Leave: nothing of it is read any more, and what was written stays with the others.

    Raises:
        PermissionDenied: `by` is not in it.
        ValidationError: its purpose says who is in it.
    """
    if not by.has_perm("conversations.view_thread", thread):
        raise PermissionDenied
    if thread.purpose or thread.group_id:
        raise ValidationError(_("You are in this thread because of what it is about. You can mute it."))
    Reader.objects.filter(thread=thread, user=by).update(left_at=timezone.now())
    Following.objects.filter(thread=thread, user=by).delete()
    record(verb="thread_left", obj=thread, by=by, audience=Entry.Audience.NOBODY)


def _begun(among: "QuerySet[Thread]", subject: str, text: str, by: User) -> Thread | None:
    """Return which of the threads `by` has begun some minutes ago, in the same words."""
    threads = among.filter(begun_by=by, purpose="", subject=tidy_line(subject))
    sent = check_may_post(by, again=Post.objects.filter(thread__in=threads.values("pk"), text=tidy_text(text)))
    return sent.thread if sent else None


def mark_read(*, thread: Thread, by: User) -> None:
    """Keep that `by` has read everything up to now."""
    Reader.objects.update_or_create(thread=thread, user=by, defaults={"read_at": timezone.now()})


def readers_of(thread: Thread, *, but: User) -> list[User]:
    """Return who else is in a thread and in the network. One query."""
    of_group = Membership.objects.filter(group=thread.group_id, state=Membership.State.MEMBER)
    of_thread = Reader.objects.filter(thread=thread, left_at=None)
    among = Q(pk__in=of_group.values("user")) if thread.group_id else Q(pk__in=of_thread.values("user"))
    here = User.objects.filter(among, in_network_q()).exclude(pk=but.pk)
    return list(User.objects.filter(pk__in=here.values("pk")).order_by("name", "pk"))


def why_closed(thread: Thread, others: list[User], user: User) -> str:
    """Return why `user` can write nothing here, in words that do not tell a block from an end; empty where they can."""
    if thread.group_id:
        return ""
    if not others:
        return _("Nobody else is in this thread any more.")
    if len(others) > 1:
        # Whoever is blocked is simply not heard by the one, and heard by the others.
        return "" if {one.pk for one in others} - blocked_ids(user) else _("Nothing can be written here any more.")
    closed = is_blocked(user, others[0]) if thread.purpose else not are_connected(user, others[0])
    return _("You are not connected any more, so nothing can be written here.") if closed else ""
