"""What this room writes: that an ask or offer is over, whom a coordinator proposes, and what both sides say."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from exchange.connections.blocks import blocked_ids
from exchange.peers.models import Introduction, Notice
from exchange.peers.people import people_to_tell
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of


def queue_closed(notice: Notice) -> None:
    """Tell who is in charge that the time of an ask or offer is over, and how to open it again."""
    for person in people_to_tell(notice.member, notice):
        _queue(CLOSED, f"{notice.pk}:{notice.edition}:{person.pk}", person, {"notice": notice.pk})


def queue_closing(notice: Notice) -> None:
    """Tell who is in charge that an ask or offer closes soon, while it can still be changed or prolonged."""
    for person in people_to_tell(notice.member, notice):
        payload = {"notice": notice.pk, "until": notice.closes_on.isoformat()}
        _queue(CLOSING, f"{notice.pk}:{notice.closes_on}:{person.pk}", person, payload)


def queue_asked(notice: Notice, by: User) -> None:
    """Tell those whose publication an ask of `by` is about; of one publication and asker once a day, however often."""
    owner = notice.asked
    if owner is None:
        return
    blocked = blocked_ids(by)
    for person in people_to_tell(owner):
        if person.pk not in blocked:
            key = f"{notice.publication_id}:{notice.member_id}:{notice.opened_at.date()}:{person.pk}"
            _queue(ASKED, key, person, {"notice": notice.pk, "owner": owner.pk})


def queue_introduction(introduction: Introduction) -> None:
    """Tell both sides whom a coordinator proposes."""
    for member in (introduction.member, introduction.peer):
        for person in people_to_tell(member, introduction.notice):
            key = f"{introduction.pk}:{member.pk}:{person.pk}"
            _queue(INTRODUCTION, key, person, {"introduction": introduction.pk, "member": member.pk})


def queue_answered(introduction: Introduction) -> None:
    """Tell both sides and the coordinator once both are interested; the coordinator alone that one is not."""
    agreed = introduction.state == Introduction.State.AGREED
    if not agreed and introduction.state != Introduction.State.DECLINED:
        return
    people = {introduction.by} if introduction.by and introduction.by.is_active else set()
    if agreed:
        for member in (introduction.member, introduction.peer):
            people |= set(people_to_tell(member, introduction.notice))
    for person in sorted(people, key=lambda one: one.pk):
        _queue(ANSWERED, f"{introduction.pk}:{introduction.state}:{person.pk}", person,
               {"introduction": introduction.pk, "state": introduction.state})  # fmt: skip


def _queue(kind: Kind, key: str, person: User, payload: dict[str, object]) -> None:
    queue_message(kind=kind, key=key, to=person.email, user=person, language=person.language, payload=payload)


def _render_closed(message: Message) -> Rendered | None:
    notice = Notice.objects.filter(pk=message.payload["notice"], state=Notice.State.CLOSED).first()
    if notice is None:
        return None
    return render_email("peers/closed", message, {"notice": notice, "link": absolute_url(notice.get_absolute_url())})


def _render_closing(message: Message) -> Rendered | None:
    notice = Notice.objects.open().filter(pk=message.payload["notice"], closes_on=message.payload["until"]).first()
    if notice is None:
        return None
    context = {
        "notice": notice,
        "link": absolute_url(notice.get_absolute_url()),
        "fits": notice.matches.count(),
        "exchanges": notice.exchanges.count(),
    }
    return render_email("peers/closing", message, context)


def _render_asked(message: Message) -> Rendered | None:
    notice = Notice.objects.open().select_related("member", "publication").filter(pk=message.payload["notice"]).first()
    if notice is None or not notice.publication:
        return None
    context = {
        "notice": notice,
        "link": absolute_url(notice.get_absolute_url()),
        "propose": absolute_url(f"{reverse('exchanges:exchange_create')}?notice={notice.pk}"),
    }
    return render_email("peers/asked", message, context)


def _speaks_for_owner(message: Message) -> bool:
    return bool(message.user and message.payload["owner"] in roles_of(message.user).members)


def _introduction(message: Message) -> Introduction | None:
    rows = Introduction.objects.select_related("member", "peer", "notice", "by")
    found: Introduction | None = rows.filter(pk=message.payload["introduction"]).first()
    return found


def _render_introduction(message: Message) -> Rendered | None:
    introduction = _introduction(message)
    if introduction is None or introduction.state != Introduction.State.PROPOSED:
        return None
    ours = message.payload["member"] == introduction.member_id
    own, other = (introduction.member, introduction.peer) if ours else (introduction.peer, introduction.member)
    return render_email("peers/introduction", message, _context(introduction) | {"own": own, "other": other})


def _render_answered(message: Message) -> Rendered | None:
    introduction = _introduction(message)
    if introduction is None or introduction.state != message.payload["state"]:
        return None
    agreed = introduction.state == Introduction.State.AGREED
    people = people_of(introduction, message.user) if agreed else []
    return render_email("peers/answered", message, _context(introduction) | {"agreed": agreed, "people": people})


def people_of(introduction: Introduction, reader: User | None) -> list[tuple[Member, User]]:
    """Return who speaks for both sides; not those with whom `reader` has a block."""
    hidden = blocked_ids(reader) if reader else frozenset()
    sides = (introduction.member, introduction.peer)
    people = [(member, person) for member in sides for person in people_to_tell(member, introduction.notice)]
    return [(member, person) for member, person in people if person.pk not in hidden]


def _context(introduction: Introduction) -> dict[str, object]:
    return {"introduction": introduction, "link": absolute_url(introduction.get_absolute_url())}


def _may_read(message: Message) -> bool:
    """Whether it is still theirs to read."""
    introduction = _introduction(message)
    return bool(introduction and message.user and message.user.has_perm("peers.view_introduction", introduction))


CLOSED = register(Kind(name="peers.closed", label=gettext_lazy("An ask or offer is over"), render=_render_closed))
CLOSING = register(
    Kind(name="peers.closing", label=gettext_lazy("An ask or offer closes soon"), render=_render_closing)
)  # fmt: skip
ASKED = register(
    Kind(
        name="peers.asked", label=gettext_lazy("A question about what you have published"), render=_render_asked,
        still_wanted=_speaks_for_owner,
    )
)  # fmt: skip
INTRODUCTION = register(
    Kind(
        name="peers.introduction", label=gettext_lazy("A coordinator proposes a peer"), render=_render_introduction,
        still_wanted=_may_read,
    )
)  # fmt: skip
ANSWERED = register(
    Kind(
        name="peers.answered", label=gettext_lazy("Answer about a proposed peer"), render=_render_answered,
        still_wanted=_may_read,
    )
)  # fmt: skip
