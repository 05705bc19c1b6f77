"""What is typed about an exchange."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_choices
from config.kit.forms import LanguagesWidget, long_text
from config.kit.rows import RowsField, read_rows
from config.kit.time_zones import time_zone_choices
from exchange.exchanges.inviting import people_of
from exchange.exchanges.models import LONGEST, Exchange, Outcome, Party, Session, Task
from exchange.exchanges.plans import AGENDA, MOST_ROWS, PART_LABELS, template_of
from exchange.exchanges.services import FACTS
from exchange.exchanges.working import at
from exchange.peers.models import Costs, Format, Notice
from members.accounts.models import User
from members.directory.choosing import MemberField
from members.directory.models import Member
from practices.library.models import Publication


def _day(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget)


def _time(label: Any, help_text: Any = "", *, required: bool = True) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, help_text=help_text, required=required, widget=widget)


def _zone() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Time zone"), choices=time_zone_choices, help_text=_("Where it takes place, or where most are.")
    )


class _Plain(forms.Form):
    """A form whose lengths the server says: a browser cuts a pasted text off without a word."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)


class AgendaRowForm(_Plain):
    """One line of an agenda."""

    day = forms.IntegerField(label=_("Day"), min_value=1, max_value=10)
    time = _time(_("Time"), required=False)
    what = forms.CharField(label=_("What"), max_length=200)
    who = forms.CharField(label=_("Who"), max_length=120, required=False)

    def row(self) -> dict[str, Any]:
        """Return it as a plan keeps it."""
        time = self.cleaned_data["time"]
        return self.cleaned_data | {"time": time.strftime("%H:%M") if time else ""}


def _make_row(
    data: Mapping[str, Any] | None = None, *, prefix: str | None = None, initial: Mapping[str, Any] | None = None
) -> AgendaRowForm:
    return AgendaRowForm(data, prefix=prefix, initial=initial, use_required_attribute=False)


class PlanForm(_Plain):
    """A plan, with the parts that its format has."""

    format = forms.ChoiceField(label=_("Format"), choices=Format.choices)
    title = forms.CharField(label=_("Title"), max_length=100, help_text=_("One line that a colleague understands."))
    aim = long_text(_("What it is for"), _("What do you want to learn or show, and what would be a good result?"), most=LONGEST, rows=6)  # fmt: skip
    starts_on = _day(_("First day"))
    ends_on = _day(
        _("Last day"),
        _("A study visit takes two to five days, a peer review two, an expert mission at most ten, mentoring half a year, twinning and a transfer network a month to three years. Leave both empty if you want to find the days together."),
    )  # fmt: skip
    time_zone = _zone()
    where = forms.ChoiceField(label=_("Where?"), choices=Exchange.Where.choices, widget=forms.RadioSelect)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    link = forms.URLField(label=_("Link to the meeting"), max_length=500, required=False, assume_scheme="https")
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=language_choices, required=False, widget=LanguagesWidget
    )
    costs = forms.ChoiceField(label=_("Who pays for travel and time?"), choices=Costs.choices)
    costs_note = forms.CharField(
        label=_("How costs are split"), max_length=500, required=False,
        help_text=_("For example: the host pays the hotel, the guests their trains."),
    )  # fmt: skip
    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, parts: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        fields: dict[str, Any] = self.fields
        for name in parts:
            if name == "agenda":
                fields[name] = RowsField(
                    make_row=_make_row, most=MOST_ROWS, one=str(_("Item")), label=PART_LABELS[name], required=False,
                    help_text=_("Days are counted from 1. It is sorted by day and time when you save."),
                )  # fmt: skip
            else:
                fields[name] = long_text(PART_LABELS[name], most=3_000, rows=6, required=False)

    def clean_edition(self) -> int:
        return self.cleaned_data["edition"] or 0

    def facts(self) -> dict[str, Any]:
        """Return what the services want beside the format; a plan without parts keeps those that it has."""
        data = self.cleaned_data
        facts = {name: data[name] for name in FACTS if name in data}
        if self.parts:
            agenda = [row.row() for row in data.get("agenda", [])]
            facts["plan"] = {name: agenda if name == "agenda" else data[name] for name in self.parts}
        return facts


class ProposeForm(PlanForm):
    """A new exchange. What is known from where it comes from is not asked."""

    member = forms.ModelChoiceField(Member.objects.none(), label=_("For which member?"), empty_label=None)
    partner = MemberField(
        label=_("With whom?"), help_text=_("Begin to write a name. You can ask more members once it is proposed.")
    )
    gives = forms.ChoiceField(
        label=_("What is your part?"), widget=forms.RadioSelect,
        choices=[("yes", _("We share what we know: we host, mentor, advise or review")),
                 ("no", _("We learn: we visit, are advised or are reviewed"))],
    )  # fmt: skip
    field_order = ("member", "partner", "format", "gives")

    def __init__(self, *args: Any, members: list[Member], partner: Member | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        self.members, self.known_partner = members, partner
        if len(members) == 1:
            del fields["member"]
        else:
            fields["member"].queryset = Member.objects.filter(pk__in=[one.pk for one in members])
        if partner:
            del fields["partner"]
        for one in (*members, partner) if partner else members:
            fields["languages"].widget.likely |= set(one.languages)

    def whose(self) -> Member:
        found: Member = self.cleaned_data.get("member") or self.members[0]
        return found

    def with_whom(self) -> Member:
        found: Member = self.known_partner or self.cleaned_data["partner"]
        return found


ON_SITE = {Format.STUDY_VISIT, Format.EXPERT_MISSION, Format.PEER_REVIEW}  # how else than by being there


def first_words(
    user: User, notice: Notice | None, *, members: list[Member], partner: Member | None, own: bool, language: str
) -> dict[str, Any]:
    """Return what a new plan says before anybody has typed.

    Args:
        members: that the user may propose for, the likeliest first.
        own: whether the ask or offer is of the member that proposes.
        language: of the page; what is spoken where nothing better is known.
    """
    ours = list(dict.fromkeys([*members[0].languages, *user.languages_spoken])) or [language]
    common = [one for one in ours if one in partner.languages] if partner else ours
    words: dict[str, Any] = {
        "format": Format.CALL, "gives": "no", "time_zone": user.time_zone,
        "languages": common or ["en"], "costs": Costs.OPEN,
    }  # fmt: skip
    if notice:
        shares = notice.is_ask != own  # whoever answers an ask shares, and so does whoever offers
        on_site = notice.where == Notice.Where.ON_SITE or (
            notice.where == Notice.Where.EITHER and notice.formats[0] in ON_SITE
        )
        words |= {
            "format": notice.formats[0],
            "gives": "yes" if shares else "no",
            "title": notice.title,
            "languages": notice.languages,
            "costs": notice.costs,
            "costs_note": notice.costs_note,
            "where": Exchange.Where.ON_SITE if on_site else Exchange.Where.ONLINE,
        }
    return words


def initial_of(exchange: Exchange) -> dict[str, Any]:
    """Return a plan as its form shows it."""
    names = [name for name in (*FACTS, "format", "edition") if name != "plan"]
    return {name: getattr(exchange, name) for name in names} | exchange.plan


def posted_plan(post: QueryDict, parts: tuple[str, ...]) -> Any:
    """Return what was sent as a plan's form reads it: the rows of an agenda are joined."""
    data = post.copy()
    if "agenda" in parts:
        data.setlist("agenda", read_rows(post, "agenda", list(AGENDA), MOST_ROWS))  # type: ignore[arg-type]
    return data


def typed_plan(data: Any, form: PlanForm) -> dict[str, Any]:
    """Return what was typed so far, to be shown again before it is checked."""
    lists = {"agenda", "languages"}
    return {name: data.getlist(name) if name in lists else data.get(name, "") for name in form.fields}


OVER_MIDNIGHT = timedelta(hours=8)  # so long may a session be that ends at an earlier hour than it starts


class SessionForm(_Plain):
    """A time to meet, as clocks show it in a zone."""

    title = forms.CharField(label=_("Title"), max_length=100)
    day = _day(_("Day"), required=True)
    starts = _time(_("Starts at"))
    ends = _time(_("Ends at"), _("An early hour is that of the next day."))
    time_zone = _zone()
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    link = forms.URLField(label=_("Link to the meeting"), max_length=500, required=False, assume_scheme="https")
    sequence = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if {"day", "starts", "ends", "time_zone"} <= set(data):
            zone = ZoneInfo(data["time_zone"])
            starts, ends = (datetime.combine(data["day"], data[name]) for name in ("starts", "ends"))
            if ends <= starts and ends + timedelta(days=1) - starts <= OVER_MIDNIGHT:
                ends += timedelta(days=1)
            for name, key, shown in (("starts", "starts_at", starts), ("ends", "ends_at", ends)):
                try:
                    data[key] = at(shown, zone)
                except ValidationError as error:
                    self.add_error(name, error)
        return data

    def facts(self) -> dict[str, Any]:
        names = ("title", "starts_at", "ends_at", "time_zone", "place", "link")
        return {name: self.cleaned_data[name] for name in names}


def session_words(exchange: Exchange, session: Session | None) -> dict[str, Any]:
    """Return a session as its form shows it; of a new one what the plan says."""
    if session is None:
        return {
            "title": exchange.title, "day": exchange.starts_on, "time_zone": exchange.time_zone,
            "place": exchange.place, "link": exchange.link,
        }  # fmt: skip
    starts, ends = (one.astimezone(session.zone) for one in (session.starts_at, session.ends_at))
    names = ("title", "time_zone", "place", "link", "sequence")
    return {name: getattr(session, name) for name in names} | {
        "day": starts.date(), "starts": starts.time(), "ends": ends.time(),
    }  # fmt: skip


class TaskForm(_Plain):
    """Something to do."""

    what = forms.CharField(label=_("What"), max_length=200)
    who = forms.ModelChoiceField(User.objects.none(), label=_("Who"), required=False, empty_label=_("Not decided yet"))
    due_on = _day(_("By when"))
    is_milestone = forms.BooleanField(label=_("It is a milestone of the transfer plan"), required=False)

    def __init__(self, *args: Any, exchange: Exchange, task: Task | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=_words(task, ("what", "who", "due_on", "is_milestone")), **kwargs)
        who: Any = self.fields["who"]
        now = [task.who_id] if task else []  # may have left since
        who.queryset = User.objects.filter(pk__in=[*people_of(exchange), *now]).order_by("name", "pk")
        if "transfer" not in template_of(exchange.format).parts:
            del self.fields["is_milestone"]


def _words(row: Task | Outcome | None, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what a row says, as its form shows it."""
    return {name: getattr(row, name) for name in names} if row else {}


class NoteForm(_Plain):
    """A text for those who take part."""

    text = long_text(_("Note"), _("You can use Markdown, for example a list with dashes."), most=LONGEST, rows=4)


class FileForm(forms.Form):
    """A file for those who take part."""

    file = forms.FileField(label=_("File"), help_text=_("A document or a picture. All who take part can read it."))


class OutcomeForm(_Plain):
    """What came of it."""

    kind = forms.ChoiceField(label=_("What came of it?"), choices=Outcome.Kind.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("In one or two sentences"), max_length=500)
    publication = forms.ModelChoiceField(
        Publication.objects.none(), label=_("Practice or project that it is about"), required=False,
        empty_label=_("None"), help_text=_("Of those who take part. What is taken up can then be recorded in one step."),
    )  # fmt: skip
    who = forms.CharField(
        label=_("Who follows it up"), max_length=120, required=False, help_text=_("For recommendations.")
    )
    due_on = _day(_("By when"), _("For recommendations."))

    def __init__(
        self, *args: Any, exchange: Exchange, user: User, outcome: Outcome | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, initial=_words(outcome, ("kind", "text", "publication", "who", "due_on")), **kwargs)
        members = [one.member_id for one in exchange.taking_part]
        publication: Any = self.fields["publication"]
        rows = Publication.objects.visible_to(user).published().filter(owner_member__in=members)
        publication.queryset = rows.order_by("title", "pk")


class ReportForm(_Plain):
    """How it ends."""

    report = long_text(_("What happened"), _("Whom did you meet, what did you see, what surprised you? All sides read it."), most=LONGEST, rows=8)  # fmt: skip
    no_outcome = forms.CharField(
        label=_("Why nothing came of it"), max_length=500, required=False,
        help_text=_("Needed if no outcome is recorded."),
    )  # fmt: skip


class CancelForm(_Plain):
    """Why it is given up."""

    reason = forms.CharField(
        label=_("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("All sides read it."),
    )  # fmt: skip


class InviteForm(forms.Form):
    """One more member."""

    member = MemberField(label=_("Member"), help_text=_("Begin to write a name."))


class PeopleForm(forms.Form):
    """Who takes part for a member."""

    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Who takes part?"), widget=forms.CheckboxSelectMultiple,
        help_text=_("They get the invitations for their calendars. Colleagues who are not here yet: invite them on the page of your member first."),
    )  # fmt: skip
    person = forms.ModelChoiceField(
        User.objects.none(), label=_("Person in charge"), required=False, empty_label=_("The liaison of the member")
    )

    def __init__(self, *args: Any, party: Party, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(member_roles__member=party.member_id, is_active=True).order_by("name", "pk")
        for field in self.fields.values():
            field.queryset = people  # type: ignore[attr-defined]


class FeedbackForm(_Plain):
    """What one side says of it."""

    useful = forms.TypedChoiceField(
        label=_("How useful was it for you?"), coerce=int, widget=forms.RadioSelect,
        choices=[(5, _("5: it changes what we do")), (4, "4"), (3, _("3: we learned something")), (2, "2"),
                 (1, _("1: it was of no use"))],
    )  # fmt: skip
    text = long_text(
        _("In your words"), _("What helped, and what should be different next time?"), most=2_000, required=False
    )
