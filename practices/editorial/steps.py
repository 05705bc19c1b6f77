"""The steps of writing, and a look at the page before it is one."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from practices.editorial.models import Revision
from practices.library.content import OWN
from practices.library.forms import PublicationForm
from practices.library.models import Publication


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
        Step("story", _("The story"), _("The heart of it. Write as you would tell a colleague."),
             ("challenge", "solution", "results")),
        Step(
            "learning",
            _("Learning"),
            _("None of this is required, and all of it is what others value most."),
            ("lessons", "what_went_wrong", "transferability"),
            own=True,
        ),
        Step(
            "practical",
            _("Cost and contact"),
            _("What it cost, and whom a colleague may ask."),
            ("cost_amount", "cost_currency", "cost_note", "contact_title", "contact_email", "department",
             "source_title", "source_url"),
        ),
        Step("check", _("Check and submit"), _("This is how readers will see it."), ()),
    )
}  # fmt: skip
ORDER = list(STEPS)


def progress(revision: Revision) -> list[tuple[str, str, str]]:
    """Return (code, label, address) of each step."""
    return [
        (step.code, str(step.label), reverse("editorial:revision_edit", args=[revision.pk, step.code]))
        for step in STEPS.values()
    ]


def step_of(field: str, kind: str) -> Step:
    """Return the step that has `field`."""
    return next(step for step in STEPS.values() if field in step.names(kind))


class Preview:
    """A revision that looks like the publication it would make, for the page's template."""

    def __init__(self, revision: Revision) -> None:
        self.publication = revision.publication
        form = PublicationForm(revision.content, kind=self.publication.kind)
        form.is_valid()
        self.values = form.cleaned_data
        self.child = self

    def __getattr__(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        return getattr(self.publication, name)

    def get_status_display(self) -> str:
        return str(Publication.Status(self.values.get("status") or "running").label)
