"""The steps of writing, and a look at the page before it is one."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from practices.editorial.models import Revision
from practices.library.content import OWN, ROWS
from practices.library.forms import PublicationForm
from practices.library.models import Publication, Row


@dataclass(frozen=True)
class Step:
    """A page of the form. `own` says that it also has the fields that only practices, or only projects, have."""

    code: str
    label: str | Promise
    lead: str | Promise
    fields: tuple[str, ...]
    own: bool = False

    def names(self, kind: str) -> tuple[str, ...]:
        return (*self.fields, *OWN[kind]) if self.own else self.fields


# The first four are the snapshot: enough to be submitted.
STEPS = {
    step.code: step
    for step in (
        Step(
            "basics",
            _("In short"),
            _("What it is, in a few words. Everything is saved while you type."),
            ("title", "summary", "language", "status", "start_year", "end_year"),
        ),
        Step(
            "themes",
            _("Themes"),
            _("Colleagues find your text by these, and digests are made of them."),
            ("pathways", "topics", "goals"),
        ),
        Step(
            "story",
            _("The story"),
            _("The heart of it. Write as you would tell a colleague."),
            ("challenge", "solution", "results"),
        ),
        Step(
            "contact",
            _("Place and contact"),
            _("Where it is, and whom a colleague may ask. After this step you can submit; the rest makes it useful."),
            ("contact_title", "contact_email", "contact_person", "lead_organisation", "department", "country",
             "subdivision", "latitude", "longitude"),
        ),
        Step(
            "context",
            _("Context"),
            _("What a colleague needs to know to compare it with their own city. Say so where something is not known."),
            ("context_population", "government_level", "climate_zone", "legal_background", "situation_before",
             "objectives"),
        ),
        Step(
            "process",
            _("How it was done"),
            _("The way from the idea to daily use, and the parts that others can take over."),
            ("process", "key_dates", "building_blocks", "milestones"),
        ),
        Step(
            "people",
            _("People"),
            _("Who took part, who benefits, and who is left out."),
            ("stakeholders", "partners", "beneficiaries", "left_out"),
        ),
        Step(
            "money",
            _("Money and time"),
            _("The question that colleagues ask first. A rough figure is better than none."),
            ("cost_amount", "cost_currency", "cost_note", "costs", "funding", "months_to_implement", "lifetime_years"),
        ),
        Step("figures", _("Figures"), _("What changed, measured."), ("indicators",)),
        Step(
            "learning",
            _("Learning"),
            _("None of this is required, and all of it is what others value most."),
            ("lessons", "what_helped", "what_went_wrong", "transferability", "preconditions", "adaptable", "offers"),
            own=True,
        ),
        Step(
            "sources",
            _("Pictures and sources"),
            _("What there is to see and to read."),
            ("photos", "documents", "links", "commitments", "source_title", "source_url", "original_language",
             "text_licence"),
        ),
        Step("check", _("Check and submit"), _("This is how readers will see it."), ()),
    )
}  # fmt: skip
ORDER = list(STEPS)
SNAPSHOT_STEPS = ORDER[:4]


def progress(revision: Revision) -> list[tuple[str, str, str]]:
    """Return (code, label, address) of each step."""
    return [
        (step.code, str(step.label), reverse("editorial:revision_edit", args=[revision.pk, step.code]))
        for step in STEPS.values()
    ]


def step_of(field: str, kind: str) -> Step:
    """Return the step that has `field`."""
    return next(step for step in STEPS.values() if field in step.names(kind))


class Rows(list[Row]):
    """Rows that are not saved, for templates that ask a manager for `all`."""

    def all(self) -> "Rows":
        return self


class Preview:
    """A revision that looks like the publication it would make, for the page's template.

    Of the rows, those that are right already are shown.
    """

    def __init__(self, revision: Revision) -> None:
        self.publication = revision.publication
        form = PublicationForm(revision.content, kind=self.publication.kind, publication=self.publication)
        form.is_valid()
        self.values = form.cleaned_data
        for name in ROWS:
            if name in self.values:
                self.values[name] = Rows(one.instance for one in self.values[name])
            elif name in form.fields:
                made = [form.fields[name].make_row(values) for values in revision.content[name]]  # type: ignore[attr-defined]
                self.values[name] = Rows(one.instance for one in made if one.is_valid())
        self.not_known = [name for name, value in revision.content.items() if value is None]
        self.child = self

    def __getattr__(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        return getattr(self.publication, name)

    def get_status_display(self) -> str:
        return str(Publication.Status(self.values.get("status") or "running").label)
