"""What people wrote to the reader or in their groups, and when these meet, for those who hear of it in the digest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.kit.templatetags.kit import when_in
from config.outbox.models import Message
from exchange.connections.models import Block
from exchange.conversations.models import Comment, Following, GroupEvent, Membership, Post, Reader
from exchange.digests.models import Subscription
from practices.library.models import Publication

COMMENTS = ("question_asked", "commented", "replied", "mentioned")
POSTS = ("message_for_you", "discussed")
MEETS, JOINS = "group_meets", "group_joins"
MOST_TALK = 5  # of what was not written to the reader
MOST_PERSONAL = 20
WINDOW = 50  # the newest entries of one reader that are kept

Entries = list[tuple[str, int]]  # verb, and the comment, message or meeting


@dataclass(frozen=True)
class Said:
    """One thing somebody wrote or planned, as one reader is told of it.

    Attributes:
        is_personal: an answer to their question, where they are named, or a message to them.
        place: the page that has it among others of its kind.
    """

    title: str
    by: str
    reason: str
    path: str
    place: str
    is_personal: bool = False


@dataclass(frozen=True)
class Talk:
    """What several digests tell of, read once: the words, who may read them, and who does not want to."""

    comments: Mapping[int, Comment]
    posts: Mapping[int, Post]
    meetings: Mapping[int, GroupEvent]
    memberships: Mapping[int, Membership]
    inside: frozenset[tuple[str, int, int]]  # ("thread" or "group", which, reader); "keeper" of a group too
    silent: frozenset[tuple[int, int]]  # pairs with a block, both ways
    muted: frozenset[tuple[str, int, int]]  # ("publication", "thread" or "group", which, reader)

    def told_to(self, reader: int, entries: Iterable[Sequence[object]]) -> list[Said]:
        """Return what of `entries` may be shown to a reader, of each publication and thread what names them, else the
        newest; what was written to them first, then replies and meetings, then discussions.
        """
        found: dict[tuple[str, int], tuple[Comment | Post, bool]] = {}
        for verb, pk in entries:
            written = self._find(str(verb), int(str(pk)))
            if written is None or not self._hears(reader, written):
                continue
            is_named = any(one.pk == reader for one in written.mentions.all())
            thing = _thing_of(written)
            if thing not in found or (is_named and not found[thing][1]):
                found[thing] = (written, is_named)
        told = [_say(written, reader, is_named=is_named) for written, is_named in found.values()]
        in_groups = reverse("conversations:group_list")
        personal = [one for one in told if one.is_personal]
        others = [one for one in told if not one.is_personal]
        replies = [one for one in others if one.place != in_groups]
        discussions = [one for one in others if one.place == in_groups]
        joins = self._joins_for(reader, entries)
        return [*personal, *joins, *replies, *self._meetings_for(reader, entries), *discussions]

    def _meetings_for(self, reader: int, entries: Iterable[Sequence[object]]) -> list[Said]:
        """Return each meeting once, as it is planned now."""
        pks = dict.fromkeys(int(str(pk)) for verb, pk in entries if verb == MEETS)
        found = [meeting for pk in pks if (meeting := self.meetings.get(pk))]
        return [
            _of_meeting(one)
            for one in found
            if ("group", one.group_id, reader) in self.inside
            and ("group", one.group_id, reader) not in self.muted
            and (reader, one.by_id) not in self.silent
        ]

    def _joins_for(self, reader: int, entries: Iterable[Sequence[object]]) -> list[Said]:
        """Return who wants to join the reader's groups, and which they are invited to or in, as it stands now."""
        pks = dict.fromkeys(int(str(pk)) for verb, pk in entries if verb == JOINS)
        found = [one for pk in pks if (one := self.memberships.get(pk))]
        return [said for one in found if (said := self._join_for(reader, one))]

    def _join_for(self, reader: int, membership: Membership) -> Said | None:
        is_own = membership.user_id == reader
        if not is_own and ("keeper", membership.group_id, reader) not in self.inside:
            return None
        other = membership.by if is_own else membership.user
        if other is None or (reader, other.pk) in self.silent:
            return None
        state, group = membership.state, membership.group
        words = {
            (Membership.State.ASKED, False): _("Wants to join your group."),
            (Membership.State.INVITED, True): _("Invites you to this group."),
            (Membership.State.MEMBER, True): _("You are in this group now."),
        }
        if (reason := words.get((Membership.State(state), is_own))) is None:
            return None  # answered meanwhile
        return Said(group.name, str(other), reason, group.get_absolute_url(), reverse("conversations:group_list"), True)

    def _find(self, verb: str, pk: int) -> Comment | Post | None:
        return self.comments.get(pk) if verb in COMMENTS else self.posts.get(pk) if verb in POSTS else None

    def _hears(self, reader: int, written: Comment | Post) -> bool:
        if written.by_id is None or (reader, written.by_id) in self.silent:
            return False
        if (*_thing_of(written), reader) in self.muted:
            return False
        if isinstance(written, Comment):
            return True
        group = written.thread.group_id
        if group and ("group", group, reader) in self.muted:
            return False
        return (("group", group, reader) if group else ("thread", written.thread_id, reader)) in self.inside


NOTHING_SAID = Talk({}, {}, {}, {}, frozenset(), frozenset(), frozenset())


def read_entries(subscriptions: Sequence[Subscription], *, highest: int | None) -> dict[int, Entries]:
    """Return what each reader has not been told of, the newest first; one query.

    Args:
        highest: of the journal's numbers; None also takes the entries that have none yet.
    """
    told = {one.user_id: one.confirmed_no for one in subscriptions}
    rows = Entry.objects.filter(
        Q(number__gt=min(told.values(), default=0)) | Q(number=None),
        Q() if highest is None else Q(number__lte=highest),
        person__in=told,
        audience=Entry.Audience.PERSON,
        verb__in=[*COMMENTS, *POSTS, MEETS, JOINS],
    ).order_by("-number", "-pk")
    found: dict[int, Entries] = {}
    for reader, number, verb, pk in rows.values_list("person", "number", "verb", "object_id"):
        mine = found.setdefault(reader or 0, [])
        if (number is None or number > told[reader or 0]) and len(mine) < WINDOW:
            mine.append((verb, pk))
    return found


def read_talk(messages: Sequence[Message]) -> Talk:
    """Read what the digests of one batch tell of; ten queries, none where they tell of nothing."""
    entries = [(one.user_id or 0, verb, pk) for one in messages for verb, pk in one.payload.get("talk", ())]
    if not entries:
        return NOTHING_SAID
    readers = {reader for reader, _verb, _pk in entries}
    comments = Comment.objects.shown().filter(
        pk__in={pk for _reader, verb, pk in entries if verb in COMMENTS},
        publication__state=Publication.State.PUBLISHED,
    )
    posts = Post.objects.filter(
        Q(thread__group=None) | Q(thread__group__hidden_at=None),
        pk__in={pk for _reader, verb, pk in entries if verb in POSTS},
        hidden_at=None,
    ).exclude(text="")
    meetings = GroupEvent.objects.ending_after(timezone.now()).filter(
        pk__in={pk for _reader, verb, pk in entries if verb == MEETS}, group__hidden_at=None, hidden_at=None
    )
    of_people = Reader.objects.filter(user__in=readers, left_at=None).values_list("thread", "user")
    of_groups = Membership.objects.filter(user__in=readers, state=Membership.State.MEMBER)
    in_groups = list(of_groups.values_list("group", "user", "is_keeper"))
    memberships = Membership.objects.filter(
        pk__in={pk for _reader, verb, pk in entries if verb == JOINS}, group__hidden_at=None
    )
    blocks = Block.objects.filter(Q(blocker__in=readers) | Q(blocked__in=readers)).values_list("blocker", "blocked")
    mutes = Following.objects.filter(user__in=readers, mutes=True)
    return Talk(
        comments={
            one.pk: one for one in comments.select_related("publication", "by", "parent").prefetch_related("mentions")
        },
        posts={one.pk: one for one in posts.select_related("thread__group", "by").prefetch_related("mentions")},
        meetings={one.pk: one for one in meetings.select_related("group")},
        memberships={one.pk: one for one in memberships.select_related("group", "user", "by")},
        inside=frozenset(
            [("thread", which, user) for which, user in of_people]
            + [("group", which, user) for which, user, _keeps in in_groups]
            + [("keeper", which, user) for which, user, keeps in in_groups if keeps]
        ),
        silent=frozenset(pair for one, other in blocks for pair in ((one, other), (other, one))),
        muted=frozenset(
            (name, which, user)
            for user, *things in mutes.values_list("user", "publication", "thread", "group")
            for name, which in zip(("publication", "thread", "group"), things, strict=True)
            if which
        ),
    )


def _thing_of(written: Comment | Post) -> tuple[str, int]:
    """Return of what a digest tells once: of a publication or a thread."""
    if isinstance(written, Comment):
        return ("publication", written.publication_id)
    return ("thread", written.thread_id)


def _say(written: Comment | Post, reader: int, *, is_named: bool) -> Said:
    by, path = str(written.by), written.get_absolute_url()
    if isinstance(written, Comment):
        reason, is_answer = _why_comment(written, reader, is_named=is_named)
        talk = reverse("conversations:publication_talk", args=[written.publication_id])
        return Said(written.publication.title, by, reason, path, talk, is_answer or is_named)
    subject, group = written.thread.title, written.thread.group
    reason = _("New in your group %(group)s.") % {"group": group} if group else _("A message to you.")
    if is_named:
        reason = " ".join([reason, _("You are named there.")])
    place = reverse("conversations:group_list" if group else "conversations:thread_list")
    return Said(subject, by, reason, path, place, is_named or group is None)


def _why_comment(comment: Comment, reader: int, *, is_named: bool) -> tuple[str, bool]:
    """Say why, and whether it answers a question of theirs; whoever is named need not look after it, nor follow it."""
    if comment.parent and comment.parent.by_id == reader and comment.parent.kind == Comment.Kind.QUESTION:
        return _("An answer to your question."), True
    if comment.parent:
        if is_named:
            return _("A reply in which you are named."), False
        return _("A reply where you have written, or on what you look after or follow."), False
    if comment.kind == Comment.Kind.QUESTION:
        if is_named:
            return _("A question in which you are named."), False
        return _("A question on what you look after or follow."), False
    return _("A comment in which you are named.") if is_named else _(
        "A comment on what you look after or follow."
    ), False


def _of_meeting(event: GroupEvent) -> Said:
    text = (
        _("Cancelled: it does not meet on %(when)s (%(zone)s).")
        if event.cancelled_at
        else _("It meets on %(when)s (%(zone)s).")
    )
    reason = text % {"when": when_in(event.starts_at, event.zone), "zone": event.time_zone}
    return Said(
        event.title, str(event.group), reason, event.group.get_absolute_url(), reverse("conversations:group_list")
    )
