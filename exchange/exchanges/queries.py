"""Reads for the page of an exchange: where it stands, its days, what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.contrib.contenttypes.models import ContentType
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.journal.models import Entry
from config.kit.templatetags.kit import when
from exchange.exchanges.models import Exchange, Outcome, Party
from exchange.exchanges.plans import template_of
from members.accounts.models import User
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.uptake.models import Uptake

SHOWN = 60
VERBS = {
    "exchange_proposed": _("Proposed it"),
    "exchange_changed": _("Changed the plan"),
    "exchange_accepted": _("Agreed to it"),
    "exchange_declined": _("Declined it"),
    "exchange_party_invited": _("Asked one more member"),
    "exchange_change_refused": _("Did not agree to the change: the plan stays as it was"),
    "exchange_change_taken_back": _("Took the change back: the plan stays as it was"),
    "exchange_agreed": _("All sides have agreed"),
    "exchange_left": _("Left it"),
    "exchange_left_out": _("Went on without them"),
    "exchange_started": _("It began"),
    "exchange_completed": _("Completed it with a report"),
    "exchange_cancelled": _("Cancelled it"),
    "exchange_people_chosen": _("Chose who takes part"),
    "exchange_handed_over": _("Somebody left; a colleague looks after it"),
    "exchange_unattended": _("Somebody left; nobody looks after it now"),
    "exchange_person_left": _("Somebody who took part has left"),
    "exchange_session_added": _("Planned a session"),
    "exchange_session_changed": _("Changed a session"),
    "exchange_session_cancelled": _("Cancelled a session"),
    "exchange_task_added": _("Added a task"),
    "exchange_task_changed": _("Changed a task"),
    "exchange_task_removed": _("Removed a task"),
    "exchange_task_done": _("Did a task"),
    "exchange_task_reopened": _("Opened a task again"),
    "exchange_note_added": _("Wrote a note"),
    "exchange_note_removed": _("Removed a note"),
    "exchange_file_added": _("Added a file"),
    "exchange_file_removed": _("Removed a file"),
    "exchange_outcome_added": _("Recorded an outcome"),
    "exchange_outcome_changed": _("Changed an outcome"),
    "exchange_outcome_removed": _("Removed an outcome"),
    "exchange_recommendation_done": _("Followed a recommendation"),
    "exchange_recommendation_reopened": _("Opened a recommendation again"),
    "exchange_feedback_given": _("Gave feedback"),
}


@dataclass(frozen=True)
class Happened:
    """One act in the history of an exchange; `member` is whose side it was, where that matters, `reason` what they said."""

    at: datetime
    what: str | Promise
    by: str
    member: str
    reason: str


@dataclass(frozen=True)
class Change:
    """What a change says of a field, and what was agreed before; both empty for long texts."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Day:
    """A day of an agenda; `date` is None while nobody knows when it begins."""

    number: int
    date: date | None
    rows: list[dict[str, Any]]


def steps_of(exchange: Exchange) -> list[tuple[str, str | Promise, str]]:
    """Return the way of an exchange, as the steps on its page."""
    states = Exchange.State
    steps = [states.PROPOSED, states.AGREED, states.RUNNING, states.COMPLETED]
    if exchange.state == states.CANCELLED:
        reached = (True, exchange.agreed_at, exchange.started_at)
        steps = [one for one, at in zip(steps, reached, strict=False) if at] + [states.CANCELLED]
    return [(one.value, one.label, "") for one in steps]


def people_shown(party: Party) -> list[tuple[User, bool, bool]]:
    """Return who takes part for a party, and who is in charge even without taking part.

    Returns:
        Each person with whether they have a role at the member still, and whether they are in charge.
    """
    people = [one.user for one in party.participants.all()]

    def is_here(one: User) -> bool:
        return any(role.member_id == party.member_id for role in one.member_roles.all())

    if party.person and party.person not in people and is_here(party.person):
        people.append(party.person)
    return [(one, is_here(one), is_here(one) and one == party.person) for one in people]


def labels_of(names: Iterable[str]) -> list[str]:
    """Return what fields of a plan are called."""
    return [str(label_for_field(name, Exchange)) for name in names]


def changes_of(exchange: Exchange) -> list[Change]:
    """Return what is different from what all sides agreed to last; nothing where no change waits."""
    facts = exchange.as_agreed()
    agreed = Exchange(**facts)
    names = [name for name, value in facts.items() if getattr(exchange, name) != value]
    return [
        Change(label, _say(agreed, name), _say(exchange, name))
        for name, label in zip(names, labels_of(names), strict=True)
    ]


def _say(exchange: Exchange, name: str) -> str:
    """Return what a plan says in a field, in the reader's language."""
    match name:
        case "aim" | "plan":
            return ""
        case "format" | "where" | "costs":
            return str(getattr(exchange, f"get_{name}_display")())
        case "starts_on" | "ends_on":
            return when(getattr(exchange, name)) or "–"
        case "languages":
            return ", ".join(exchange.language_names) or "–"
    return str(getattr(exchange, name)) or "–"


def agenda_days(exchange: Exchange) -> list[Day]:
    """Return the agenda day by day; nothing where the format has none."""
    if "agenda" not in template_of(exchange.format).parts:
        return []
    starts = exchange.starts_on
    return [
        Day(number, starts + timedelta(days=number - 1) if starts else None, list(rows))
        for number, rows in groupby(exchange.plan.get("agenda", []), key=lambda row: int(row["day"]))
    ]


def history_of(exchange: Exchange) -> list[Happened]:
    """Return what happened, the newest first."""
    kind = ContentType.objects.get_for_model(Exchange)
    entries = list(
        Entry.objects.filter(content_type=kind, object_id=exchange.pk)
        .select_related("by")
        .order_by("-at", "-pk")[:SHOWN]
    )
    names = dict(Member.objects.filter(pk__in={one.member_id for one in entries}).values_list("pk", "name"))
    return [
        Happened(
            one.at,
            VERBS[one.verb],
            one.by.name if one.by else "",
            names.get(one.member_id, ""),
            str(one.details.get("reason", "")) if one.verb == "exchange_left" else "",
        )
        for one in entries
        if one.verb in VERBS
    ]


def outcomes_for(exchange: Exchange, user: User) -> list[tuple[Outcome, bool | None]]:
    """Return what came of it, each with whether `user` has recorded the uptake of it in the network's records.

    None where there is nothing that they could record: it was not taken up, or is of their own member. One query, two
    where there is something to record.
    """
    rows = list(
        exchange.outcomes.select_related("publication__owner_member__office", "publication__owner_office__parent")
    )
    takers = roles_of(user).writes_for & {one.member_id for one in exchange.taking_part}
    recordable = {
        one.pk for one in rows
        if one.kind == Outcome.Kind.TAKEN_UP and one.publication and takers - {one.publication.owner_member_id}
    }  # fmt: skip
    if not recordable:
        return [(one, None) for one in rows]
    taken = Uptake.objects.filter(member__in=takers, publication__in={one.publication_id for one in rows})
    recorded = set(taken.values_list("publication", flat=True))
    return [(one, one.publication_id in recorded if one.pk in recordable else None) for one in rows]
