"""What each format is like: who plays which part, how long it takes, and what else its plan says.

The formats follow how cities do it: a study visit of two to five days, a peer review of two days by peers from at
least two other countries, half a year of mentoring, a transfer network of one city that gives and up to eight that
receive, with a transfer plan and its milestones.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exchange.exchanges.models import Party
from exchange.peers.models import Format

Roles = Party.Role
MOST_ROWS = 40  # of an agenda
MOST_PARTNERS = 8  # on the side where there may be several members
OTHER_COUNTRIES = 2  # from which the peers of a review come, beside that of the reviewed one
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Template:
    """A format.

    Attributes:
        gives: the part of whoever shares what they know.
        learns: the part of whoever learns.
        many: the part that several members may have; the other one has one member.
        days: how many days it takes, at least and at most.
        usual_days: how long it is where only its first day is said; 0 where that has to be said.
        parts: what its plan says beside what all have, see `PARTS`.
        peers_abroad: whether the peers come from at least two other countries.
    """

    gives: str
    learns: str
    many: str
    days: tuple[int, int]
    usual_days: int
    parts: tuple[str, ...] = ()
    peers_abroad: bool = False


TEMPLATES: dict[str, Template] = {
    Format.CALL: Template(Roles.HOST, Roles.GUEST, Roles.GUEST, (1, 1), 1),
    Format.MENTORING: Template(Roles.MENTOR, Roles.MENTEE, Roles.MENTEE, (150, 215), 182, ("goals",)),
    Format.STUDY_VISIT: Template(Roles.HOST, Roles.GUEST, Roles.GUEST, (2, 5), 0, ("agenda",)),
    Format.EXPERT_MISSION: Template(Roles.GUEST, Roles.HOST, Roles.HOST, (1, 10), 0, ("agenda",)),
    Format.PEER_REVIEW: Template(
        Roles.PEER, Roles.REVIEWED, Roles.PEER, (2, 2), 2, ("questions", "agenda"), peers_abroad=True
    ),
    Format.TWINNING: Template(Roles.GIVER, Roles.RECEIVER, Roles.RECEIVER, (30, 1_100), 0, ("transfer",)),
    Format.TRANSFER_NETWORK: Template(Roles.GIVER, Roles.RECEIVER, Roles.RECEIVER, (30, 1_100), 0, ("transfer",)),
}


def template_of(format_: str) -> Template:
    return TEMPLATES[format_]


def opposite(template: Template, role: str) -> str:
    """Return the part on the other side of `role`."""
    return template.learns if role == template.gives else template.gives


# The schema of a plan: each part is checked and brought into its form by one function.


def _text(most: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = str(value or "").strip()
        if len(text) > most or "\x00" in text:
            raise ValidationError(_("At most %(most)d characters.") % {"most": most})
        return text

    return check


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        text = str(value if value is not None else "").strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 5 and least <= int(text) <= most):
            raise ValidationError(_("A whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
        return int(text)

    return check


def _clock(value: Any) -> str:
    """Return a time of day as HH:MM, or an empty text."""
    text = str(value or "").strip()
    text = f"0{text}" if re.fullmatch(r"\d:\d\d", text) else text
    if text and not _CLOCK.fullmatch(text):
        raise ValidationError(_("Write the time as 9:30 or 14:00."))
    return text


def _needed(check: Callable[[Any], str]) -> Callable[[Any], str]:
    def checked(value: Any) -> str:
        if not (text := check(value)):
            raise ValidationError(_("This is needed."))
        return text

    return checked


AGENDA: dict[str, Callable[[Any], Any]] = {
    "day": _whole(1, 10),
    "time": _clock,
    "what": _needed(_text(200)),
    "who": _text(120),
}


def _agenda(value: Any) -> list[dict[str, Any]]:
    """Return the rows of an agenda by day and time; `day` counts from 1."""
    if not isinstance(value, list):
        raise ValidationError(_("This is no list of rows."))
    if len(value) > MOST_ROWS:
        raise ValidationError(
            ngettext("At most %(most)d row.", "At most %(most)d rows.", MOST_ROWS) % {"most": MOST_ROWS}
        )
    rows = []
    for number, row in enumerate(value, start=1):
        try:
            rows.append({name: check(row.get(name)) for name, check in AGENDA.items()})
        except (ValidationError, AttributeError) as error:
            texts = " ".join(error.messages) if isinstance(error, ValidationError) else _("This is needed.")
            raise ValidationError(_("Row %(number)d: %(text)s") % {"number": number, "text": texts}) from error
    return sorted(rows, key=lambda row: (row["day"], row["time"] or "00:00"))


PARTS: dict[str, Callable[[Any], Any]] = {
    "agenda": _agenda,
    "questions": _text(3_000),
    "goals": _text(3_000),
    "transfer": _text(3_000),
}
PART_LABELS = {
    "agenda": gettext_lazy("Agenda"),
    "questions": gettext_lazy("Questions to the peers"),
    "goals": gettext_lazy("Goals"),
    "transfer": gettext_lazy("Transfer plan"),
}


def check_plan(format_: str, plan: Mapping[str, Any], days: int) -> dict[str, Any]:
    """Return the parts of a plan that its format has, as they are kept; what it does not have is left out.

    Args:
        days: how many it takes; 0 where that is not known yet.

    Raises:
        ValidationError: by part, what is wrong with it.
    """
    checked: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name in template_of(format_).parts:
        try:
            if value := PARTS[name](plan.get(name) or ([] if name == "agenda" else "")):
                checked[name] = value
        except ValidationError as error:
            errors[name] = error.messages
    if late := [row["day"] for row in checked.get("agenda", ()) if row["day"] > days > 0]:
        text = ngettext(
            "It has a day %(late)d, but takes %(days)d day.", "It has a day %(late)d, but takes %(days)d days.", days
        )
        errors["agenda"] = [text % {"late": late[0], "days": days}]
    if errors:
        raise ValidationError(errors)
    return checked


def last_day(format_: str, starts_on: date | None, ends_on: date | None) -> date | None:
    """Return the last day of an exchange: as it was said, or else as it usually is in its format."""
    usual = template_of(format_).usual_days
    return starts_on + timedelta(days=usual - 1) if starts_on and ends_on is None and usual else ends_on


def check_days(format_: str, starts_on: date | None, ends_on: date | None) -> None:
    """Check how long an exchange is.

    Raises:
        ValidationError: by field, a day is missing, they are in the wrong order, or it is too short or too long.
    """
    if starts_on is None and ends_on is None:
        return
    if starts_on is None:
        raise ValidationError({"starts_on": _("Say the first day too.")})
    if ends_on is None:
        raise ValidationError({"ends_on": _("Say the last day too.")})
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("It cannot end before it starts.")})
    least, most = template_of(format_).days
    days = (ends_on - starts_on).days + 1
    if not least <= days <= most:
        wanted = str(least) if least == most else f"{least}–{most}"
        text = ngettext(
            "%(format)s: %(wanted)s day, here it is %(days)d.",
            "%(format)s: %(wanted)s days, here it is %(days)d.",
            most,
        )
        raise ValidationError({"ends_on": text % {"format": Format(format_).label, "wanted": wanted, "days": days}})


def is_whole(format_: str, parties: Collection[Party]) -> bool:
    """Whether the members who take part are enough: each part is played, and a review has peers from abroad."""
    template = template_of(format_)
    if {template.gives, template.learns} - {one.role for one in parties}:
        return False
    return not template.peers_abroad or len(countries_of_peers(parties)) >= OTHER_COUNTRIES


def countries_of_peers(parties: Collection[Party]) -> set[str]:
    """Return the countries that the peers of a review come from, without that of the reviewed one."""
    home = {one.member.country for one in parties if one.role == Roles.REVIEWED}
    return {one.member.country for one in parties if one.role == Roles.PEER} - home
