"""Exchanges of the demo: a study visit that is over, mentoring that goes on, and a proposal that waits. All is invented."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from exchange.demo.past import in_the_past
from exchange.exchanges import agreeing, ending, outcomes, services, working
from exchange.exchanges.models import Exchange, Party
from exchange.peers.models import Costs, Format
from members.accounts.models import User
from members.directory.models import Member
from practices.library.models import Publication

VISIT: dict[str, Any] = {
    "title": "Three days in a town without cars",
    "aim": "An invented example. Bitola wants to see how deliveries, residents and shops live with streets for walking,"
    " before it closes its first streets to cars.\n\n- Who decides about exceptions?\n- What do shopkeepers say today?",
    "time_zone": "Europe/Madrid",
    "where": Exchange.Where.ON_SITE,
    "place": "Pontevedra, Praza de España 1",
    "languages": ["en", "es"],
    "costs": Costs.SHARED,
    "costs_note": "The host pays the hotel, the guests their flights.",
    "plan": {
        "agenda": [
            {"day": 1, "time": "10:00", "what": "Walk from the old town to the station", "who": "Lucía Castro"},
            {"day": 1, "time": "15:00", "what": "How it began: streets, shops, votes", "who": "Urban planning"},
            {"day": 2, "time": "07:00", "what": "Deliveries before ten", "who": "Local police"},
            {"day": 2, "time": "12:00", "what": "Talk with shopkeepers", "who": "Traders’ association"},
            {"day": 3, "time": "09:30", "what": "What Bitola could do first", "who": "All"},
        ]
    },
}
REPORT = """An invented example. Four of us walked the town at all hours and spoke with everybody who was against it once.

What surprised us: there are hardly any bollards. Deliveries work because the hours are the same everywhere."""
MENTORING: dict[str, Any] = {
    "title": "Sorting at the source, from one school on",
    "aim": "An invented example. Kamikatsu accompanies Strumica for half a year, with a call each month.",
    "time_zone": "Europe/Skopje",
    "where": Exchange.Where.ONLINE,
    "link": "https://meet.example/kamikatsu-strumica",
    "languages": ["en"],
    "costs": Costs.OWN,
    "plan": {
        "goals": "1. One school sorts eight kinds.\n2. The canteen weighs what is left.\n3. Two more schools want to."
    },
}
PROPOSAL: dict[str, Any] = {
    "title": "Wooden houses of fourteen floors: may we come and see?",
    "aim": "Keksitty esimerkki. Haluaisimme nähdä talon ja puhua kaavoittajan kanssa: mitä kaavassa luki, mikä maksoi"
    " enemmän kuin luultiin, ja mitä asukkaat sanovat nyt?",
    "time_zone": "Europe/Helsinki",
    "where": Exchange.Where.ON_SITE,
    "place": "Joensuu",
    "languages": ["fi"],
    "costs": Costs.GUEST,
    "costs_note": "Maksamme junat ja yöt itse.",
}


def load_exchanges() -> None:
    """Do the examples, unless anybody has proposed anything already."""
    if Exchange.objects.exists():
        return
    with in_the_past():
        _visit()
        _mentoring()
    _proposal()


def _visit() -> None:
    elena, lucia = _person("elena@bitola"), _person("lucia@pontevedra")
    exchange = _agreed(Format.STUDY_VISIT, VISIT, (elena, "Bitola"), (lucia, "Pontevedra"), first=5, days=3)
    _session(exchange, lucia, "First walk", 5, (10, 13))
    working.add_note(exchange=exchange, text="Bring shoes for **rain**. The hotel is by the river.", by=lucia)
    _shift(exchange, 60)
    exchange = services.start_exchange(exchange=exchange, by=elena)
    found = Publication.objects.get(import_id="pontevedra-ciudad-peatonal")
    for kind, text, publication, who in (
        ("taken_up", "Bitola begins with Širok Sokak and two side streets.", found, ""),
        (
            "recommendation",
            "The same delivery hours in all streets, from the first day on.",
            None,
            "Traffic department",
        ),
        ("recommendation", "Count people on foot before and after, at the same places.", None, "Energy adviser"),
    ):
        outcomes.add_outcome(
            exchange=exchange, kind=kind, text=text, publication=publication, who=who, due_on=None, by=elena
        )
    ending.complete_exchange(exchange=exchange, report=REPORT, no_outcome="", by=elena)
    outcomes.follow_up(outcome=exchange.outcomes.filter(kind="recommendation").order_by("pk")[0], done=True, by=elena)
    back = timezone.now() - timedelta(days=50)
    Exchange.objects.filter(pk=exchange.pk).update(started_at=back - timedelta(days=5), ended_at=back)
    for member, useful, text, by in (
        ("Bitola", 5, "An invented example. We saw in three days what no report had told us.", elena),
        ("Pontevedra", 4, "An invented example. Good questions. Next time with somebody from their buses.", lucia),
    ):
        party = exchange.parties.get(member__name_en=member)
        outcomes.give_feedback(party=party, useful=useful, text=text, by=by)


def _mentoring() -> None:
    goran, haruka = _person("goran@strumica"), _person("haruka@kamikatsu")
    exchange = _agreed(Format.MENTORING, MENTORING, (goran, "Strumica"), (haruka, "Kamikatsu"), first=1, days=182)
    _shift(exchange, 40)
    exchange = services.start_exchange(exchange=exchange, by=haruka)
    for title, days in (("Third call: the canteen", 6), ("Fourth call: the parents", 34)):
        _session(exchange, haruka, title, days, (9, 10))
    for what, who, done in (("Weigh for one week", goran, True), ("Photos of the sorting corner", goran, False)):
        task = working.add_task(exchange=exchange, what=what, who=who, due_on=None, is_milestone=False, by=haruka)
        working.tick_task(task=task, done=done, by=goran)


def _proposal() -> None:
    first = timezone.localdate() + timedelta(days=45)
    facts = PROPOSAL | {"starts_on": first, "ends_on": first + timedelta(days=1)}
    services.propose_exchange(
        member=Member.objects.get(name_en="Lahti"), partners=[Member.objects.get(name_en="Joensuu")], gives=False,
        format_=Format.STUDY_VISIT, facts=facts, by=_person("mikko@lahti"),
    )  # fmt: skip


def _agreed(
    format_: str, facts: dict[str, Any], learns: tuple[User, str], gives: tuple[User, str], *, first: int, days: int
) -> Exchange:
    """Return what somebody of a member that learns proposed and the other side agreed to, to begin in `first` days."""
    (by, member), (other, partner) = learns, gives
    begins = timezone.localdate() + timedelta(days=first)
    exchange = services.propose_exchange(
        member=Member.objects.get(name_en=member), partners=[Member.objects.get(name_en=partner)], gives=False,
        format_=format_, facts=facts | {"starts_on": begins, "ends_on": begins + timedelta(days=days - 1)}, by=by,
    )  # fmt: skip
    party = exchange.parties.get(state=Party.State.INVITED)
    return agreeing.answer_exchange(party=party, agrees=True, edition=exchange.edition, by=other)


def _session(exchange: Exchange, by: User, title: str, days: int, hours: tuple[int, int]) -> None:
    day = timezone.localdate() + timedelta(days=days)
    times = {
        name: working.at(datetime.combine(day, time(hour)), exchange.zone)
        for name, hour in zip(("starts_at", "ends_at"), hours, strict=True)
    }
    facts = {"title": title, "time_zone": exchange.time_zone, "place": exchange.place, "link": exchange.link} | times
    working.add_session(exchange=exchange, facts=facts, by=by)


def _shift(exchange: Exchange, days: int) -> None:
    """Let all of it have been so many days earlier."""
    back, answered = timedelta(days=days), timedelta(days=days - 2)
    Exchange.objects.filter(pk=exchange.pk).update(
        starts_on=F("starts_on") - back, ends_on=F("ends_on") - back, proposed_at=F("proposed_at") - back,
        answered_at=F("answered_at") - answered, agreed_at=F("agreed_at") - answered,
    )  # fmt: skip
    for session in exchange.sessions.all():  # at the same time of the clock, summer or winter
        for name in ("starts_at", "ends_at"):
            shown = getattr(session, name).astimezone(session.zone).replace(tzinfo=None)
            setattr(session, name, working.at(shown - back, session.zone))
        session.save()


def _person(name: str) -> User:
    return User.objects.get(email=f"{name}.example")
