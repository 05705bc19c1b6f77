"""What this room writes: that a proposal waits, what became of it, sessions for calendars, and reminders."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.kit.time_zones import zone_or_utc
from config.outbox.kinds import CalendarPart, Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from exchange.connections.blocks import blocked_ids
from exchange.exchanges import calendars
from exchange.exchanges.models import Exchange, Outcome, Party, Session, Task
from exchange.exchanges.plans import is_whole
from exchange.exchanges.queries import changes_of, labels_of
from exchange.exchanges.querysets import PartyQuerySet
from exchange.peers import people
from exchange.peers.models import Notice
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.editorial.queries import coordinators_of

# What members that were asked to join what is agreed hear of too: it is about the plan that they are asked about.
TOLD_TO_ALL = {"changed", "kept", "cancelled"}


def people_to_tell(member: Member, notice: Notice | None = None) -> list[User]:
    """Return who is asked for a member that takes part in nothing yet."""
    return people.people_to_tell(member, notice)


def people_of_party(party: Party) -> list[User]:
    """Return whom mail to a party goes to: who looks after it, else those who speak for the member."""
    person = party.person
    if person and person.is_active and party.member_id in roles_of(person).members:
        return [person]
    return people_to_tell(party.member)


def queue_proposal(party: Party, days: int = 0, changed: Collection[str] = ()) -> None:
    """Ask a party for its answer.

    Args:
        days: how many it has waited; 0 for the first time.
        changed: the fields of the plan that are different since it was asked before.
    """
    asked = f"{party.asked_at:%Y%m%dT%H%M%S.%f}"
    for person in people_of_party(party):
        payload = {"party": party.pk, "asked": party.asked_at.isoformat(), "days": days, "changed": list(changed)}
        _queue(PROPOSAL, f"{party.pk}:{asked}:{days}:{person.pk}", person, payload)


def queue_news(exchange: Exchange, what: str, by: User | None, party: Party | None = None, **more: Any) -> None:
    """Tell the parties what became of it, but not whoever did it.

    Args:
        what: "agreed", "asked", "joined", "declined", "changed", "kept", "left", "handed_over", "unattended",
            "cancelled" or "completed".
        party: which one is asked, has joined or declined, refuses a change, left, or has lost who looked after it.
        more: what changed, or why it left.
    """
    parties = exchange.parties.taking_part() if what in TOLD_TO_ALL else exchange.parties.inside()
    if what in {"asked", "joined"} and party:
        parties = parties.exclude(pk=party.pk)
    people = _people_of(parties)
    if what == "unattended" and party:
        people = list(dict.fromkeys([*people, *coordinators_of(party.member.office)]))
    _tell(exchange, what, [one for one in people if one != by], party, more)


def queue_left_out(party: Party) -> None:
    """Tell a party that its answer is waited for no more."""
    _tell(party.exchange, "left_out", people_of_party(party), party, {})


def _tell(exchange: Exchange, what: str, people: list[User], party: Party | None, more: dict[str, Any]) -> None:
    stamp = f"{timezone.now():%Y%m%dT%H%M%S.%f}"
    for person in people:
        payload = {"exchange": exchange.pk, "what": what, "party": party.pk if party else None} | more
        _queue(NEWS, f"{exchange.pk}:{what}:{stamp}:{person.pk}", person, payload)


def queue_calendar(session: Session, person: User, *, method: str, changed: bool = False) -> None:
    """Put a session into somebody's calendar, or take it out.

    Args:
        method: "REQUEST" or "CANCEL".
        changed: whether they have it there, as it was before.
    """
    if not person.is_active:
        return
    stamp = f"{timezone.now():%Y%m%dT%H%M%S.%f}"  # whoever is invited again after leaving gets it again
    payload = {"session": session.pk, "sequence": session.sequence, "method": method, "changed": changed}
    _queue(INVITATION, f"{session.pk}:{session.sequence}:{method}:{person.pk}:{stamp}", person, payload)


def queue_session_soon(session: Session, person: User) -> None:
    payload = {"what": "session", "session": session.pk, "sequence": session.sequence}
    _queue(REMINDER, f"session:{session.pk}:{session.sequence}:{person.pk}", person, payload,
           expires_at=session.starts_at)  # fmt: skip


def queue_task(task: Task, when: str) -> None:
    """Tell whoever has a task of it, and all sides of a milestone that nobody has.

    Args:
        when: "new", "soon" or "overdue".
    """
    more = {"task": task.pk, "when": when, "who": task.who_id, "due": str(task.due_on)}
    key = f"{task.pk}:{when}:{task.due_on}"
    if task.who:
        _remind(task.exchange, "task", key, [task.who], more)
    elif task.is_milestone and when != "new":
        _remind(task.exchange, "task", key, _people_of_all(task.exchange), more)


def queue_report_due(exchange: Exchange, days: int) -> None:
    """Remind each party that the report is missing, so many days after the last one."""
    _remind(exchange, "report", f"{exchange.ends_on}:{days}", _people_of_all(exchange))


def queue_feedback_due(party: Party) -> None:
    """Ask a party how useful it was."""
    _remind(party.exchange, "feedback", "once", people_of_party(party), {"party": party.pk})


def queue_follow_up(exchange: Exchange) -> None:
    """Ask each party what became of the recommendations."""
    _remind(exchange, "follow_up", "once", _people_of_all(exchange))


def queue_recommendation_due(outcome: Outcome) -> None:
    """Ask each party what became of a recommendation whose day has come."""
    key = f"{outcome.pk}:{outcome.due_on}"
    _remind(outcome.exchange, "recommendation", key, _people_of_all(outcome.exchange), {"outcome": outcome.pk})


def _people_of_all(exchange: Exchange) -> list[User]:
    """Return whom mail to all parties inside goes to, each once."""
    return _people_of(exchange.parties.inside())


def _people_of(parties: PartyQuerySet) -> list[User]:
    rows = parties.select_related("member__office", "person")
    return list({person.pk: person for party in rows for person in people_of_party(party)}.values())


def _remind(exchange: Exchange, what: str, key: str, people: list[User], more: Mapping[str, Any] | None = None) -> None:
    for person in people:
        payload = {"what": what, "exchange": exchange.pk} | dict(more or {})
        _queue(REMINDER, f"{what}:{exchange.pk}:{key}:{person.pk}", person, payload)


def _queue(kind: Kind, key: str, person: User, payload: dict[str, Any], **more: Any) -> None:
    queue_message(
        kind=kind, key=key, to=person.email, user=person, language=person.language, payload=payload, **more
    )  # fmt: skip


def _exchange(message: Message) -> Exchange | None:
    rows = Exchange.objects.prefetch_related("parties__member", "parties__participants")
    payload = message.payload
    if "exchange" in payload:
        rows = rows.filter(pk=payload["exchange"])
    elif "party" in payload:
        rows = rows.filter(parties=payload["party"])
    else:
        rows = rows.filter(sessions=payload["session"])
    return rows.first()


def _session(message: Message) -> Session | None:
    rows = Session.objects.select_related("exchange").prefetch_related("invitees__user")
    return rows.filter(pk=message.payload["session"]).first()


def _may_read(message: Message) -> bool:
    """Whether it is still theirs to read."""
    exchange = _exchange(message)
    return bool(exchange and message.user and message.user.has_perm("exchanges.view_exchange", exchange))


def _may_read_news(message: Message) -> bool:
    if message.payload["what"] != "left_out":
        return _may_read(message)
    party = _party(message)
    return bool(party and not party.is_in and message.user and message.user.has_perm("exchanges.answer_party", party))


def _context(exchange: Exchange) -> dict[str, Any]:
    link = absolute_url(exchange.get_absolute_url())
    return {"exchange": exchange, "link": link, "parties": exchange.taking_part}


def _party(message: Message) -> Party | None:
    return Party.objects.select_related("member").filter(pk=message.payload["party"]).first()


def _render_proposal(message: Message) -> Rendered | None:
    exchange, party = _exchange(message), _party(message)
    if exchange is None or party is None:
        return None
    more = {
        "party": party,
        "days": message.payload["days"],
        "changed": labels_of(message.payload.get("changed", ())),
        "changes": changes_of(exchange) if party.joined_at else [],
    }
    return render_email("exchanges/proposal", message, _context(exchange) | more)


def _still_waits(message: Message) -> bool:
    """Whether it is still the question that was asked, and theirs to answer."""
    party = Party.objects.waiting().filter(pk=message.payload["party"]).first()
    if party is None or party.asked_at.isoformat() != message.payload["asked"]:
        return False
    return bool(message.user and message.user.has_perm("exchanges.answer_party", party))


def _render_news(message: Message) -> Rendered | None:
    exchange = _exchange(message)
    if exchange is None:
        return None
    what = message.payload["what"]
    more: dict[str, Any] = {
        "what": what,
        "party": _party(message) if message.payload["party"] else None,
        "reason": message.payload.get("reason", ""),
    }
    if what == "changed":
        more["changed"] = labels_of(message.payload["changed"])
    if what == "left_out":  # they see no more of it than where they can ask
        host = next((one.member for one in exchange.taking_part if one.joined_at), None)
        more |= {"host": host, "link": absolute_url(host.get_absolute_url()) if host else ""}
    if what == "left":
        proposed = exchange.state == Exchange.State.PROPOSED
        more["falls_short"] = proposed and not is_whole(exchange.format, [*exchange.parties.inside()])
    if what == "agreed":
        rows = exchange.parties.inside().select_related("member", "person")
        hidden = blocked_ids(message.user) if message.user else frozenset()
        people = [(one.member, person) for one in rows for person in people_of_party(one)]
        more["people"] = [(member, person) for member, person in people if person.pk not in hidden]
    return render_email("exchanges/news", message, _context(exchange) | more)


def _render_invitation(message: Message) -> Rendered | None:
    session = _session(message)
    if session is None:
        return None
    method = message.payload["method"]
    invited = [one.user for one in session.invitees.all()] if method == "REQUEST" else [message.user]
    people = [one for one in invited if one and (one == message.user or not one.hides_address)]
    data = calendars.invitation(session, people, method=method, made_at=message.created_at)
    context = _context(session.exchange) | _of_session(session, message)
    context |= {"cancelled": method == "CANCEL", "changed": message.payload.get("changed", False)}
    return render_email(
        "exchanges/invitation", message, context, calendar=CalendarPart(method=method, data=data)
    )  # fmt: skip


def _still_invited(message: Message) -> bool:
    """Whether nothing newer was sent since: an update, a cancellation, or an invitation after one."""
    session = _session(message)
    if session is None:
        return False
    invitee = next((one for one in session.invitees.all() if one.user_id == message.user_id), None)
    if message.payload["method"] == "CANCEL":
        return invitee is None
    return invitee is not None and invitee.sequence == message.payload["sequence"]


def _render_reminder(message: Message) -> Rendered | None:
    exchange = _exchange(message)
    if exchange is None:
        return None
    payload = message.payload
    what = payload["what"]
    more: dict[str, Any] = {"what": what, "when": payload.get("when", "")}
    match what:
        case "session":
            more |= _of_session(_session(message), message)
        case "task":
            more["task"] = exchange.tasks.filter(pk=payload["task"]).first()
        case "follow_up" | "recommendation":
            more["recommendations"] = _open_recommendations(exchange, payload)
        case "feedback":
            more["link"] = absolute_url(reverse("exchanges:feedback", args=[payload["party"]]))
    return render_email("exchanges/reminder", message, _context(exchange) | more)


def _of_session(session: Session | None, message: Message) -> dict[str, object]:
    """Return a session and, where its reader's clock shows another time, the zone of that."""
    zone = zone_or_utc(message.user.time_zone) if message.user else None
    return {"session": session, "own_zone": zone if session and zone != session.zone else None}


def _open_recommendations(exchange: Exchange, payload: Mapping[str, Any]) -> QuerySet[Outcome]:
    """Return the recommendations of an exchange that nobody has followed yet, or the one that a reminder is about."""
    rows = exchange.outcomes.filter(kind=Outcome.Kind.RECOMMENDATION, done_at=None)
    return rows.filter(pk=payload["outcome"]) if "outcome" in payload else rows


def _still_to_remind(message: Message) -> bool:
    exchange = _exchange(message)
    if exchange is None or not _may_read(message):
        return False
    payload = message.payload
    match payload["what"]:
        case "task":
            task = exchange.tasks.filter(pk=payload["task"], done_at=None, who=payload["who"]).first()
            return bool(exchange.is_open and task and str(task.due_on) == payload["due"])
        case "feedback":
            return exchange.parties.taking_part().filter(pk=payload["party"], feedback=None).exists()
        case "session":
            session = _session(message)
            return bool(session and not session.cancelled_at and session.sequence == payload["sequence"])
        case "report":
            return exchange.state == Exchange.State.RUNNING
    return _open_recommendations(exchange, payload).exists()


PROPOSAL = register(
    Kind(
        name="exchanges.proposal", label=gettext_lazy("A proposed exchange waits for an answer"),
        render=_render_proposal, still_wanted=_still_waits,
    )
)  # fmt: skip
NEWS = register(
    Kind(
        name="exchanges.news", label=gettext_lazy("What became of an exchange"), render=_render_news,
        still_wanted=_may_read_news,
    )
)  # fmt: skip
INVITATION = register(
    Kind(
        name="exchanges.invitation", label=gettext_lazy("A session of an exchange, for the calendar"),
        render=_render_invitation, still_wanted=_still_invited,
    )
)  # fmt: skip
REMINDER = register(
    Kind(
        name="exchanges.reminder", label=gettext_lazy("Reminder about an exchange"), render=_render_reminder,
        still_wanted=_still_to_remind,
    )
)  # fmt: skip
