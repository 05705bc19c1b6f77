"""What this room writes: to those who decide, to the author of what was hidden, to those who reported it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from exchange.moderation.models import Case
from members.accounts.models import User


def tell_office(case: Case, what: str) -> None:
    """Queue, for whoever decides, that something is reported or appealed against; once a case."""
    for user in deciders_of(case, what):
        _queue(OFFICE, case, user, what)


def tell_authors(case: Case) -> None:
    """Queue what was decided, with the reason, for whoever wrote it or answers for it."""
    for user in case.people:
        if user.is_active:
            _queue(AUTHOR, case, user, case.state)


def tell_reporters(case: Case) -> None:
    """Queue what became of it, for everybody who reported it."""
    for user in User.objects.filter(pk__in=case.reports.values("by"), is_active=True).order_by("pk"):
        _queue(REPORTER, case, user, case.state)


def deciders_of(case: Case, what: str) -> list[User]:
    """Return who is told: the coordinators of the office, of an appeal those of the office above, else administrators."""
    office = case.office_id if what == "open" else case.office.parent_id
    permission = "moderation.decide_case" if what == "open" else "moderation.answer_appeal"
    coordinators = User.objects.filter(office_roles__office=office, office_roles__role="coordinator")
    administrators = User.objects.filter(is_administrator=True)
    for people in (coordinators, administrators):
        rows = people.filter(is_active=True).order_by("pk")
        if found := [one for one in rows if one.has_perm(permission, case)]:
            return found
    return []


def _queue(kind: Kind, case: Case, user: User, what: str) -> None:
    queue_message(
        kind=kind,
        key=f"{case.pk}:{what}:{user.pk}",
        to=user.email,
        user=user,
        language=user.language,
        payload={"case": case.pk, "what": what},
    )


def _find(message: Message) -> Case | None:
    rows = Case.objects.select_related("content_type", "office", "author")
    found: Case | None = rows.filter(pk=message.payload["case"]).first()
    return found


def _render(template: str, message: Message) -> Rendered | None:
    case = _find(message)
    if case is None:
        return None
    context = {
        "case": case,
        "what": message.payload["what"],
        "thing": case.reportable.label,
        "is_person": case.reportable.is_person,
        "is_kept": case.reportable.is_kept,
        "link": absolute_url(case.get_absolute_url()),
        "queue_link": absolute_url(reverse("moderation:queue")),
    }
    return render_email(template, message, context)


def _still_waits(message: Message) -> bool:
    """Whether nobody has decided meanwhile, and it is still theirs."""
    case = _find(message)
    permission = "moderation.decide_case" if message.payload["what"] == "open" else "moderation.answer_appeal"
    return bool(
        case
        and case.state == message.payload["what"]
        and message.user
        and message.user.has_perm(permission, case)
    )  # fmt: skip


OFFICE = register(
    Kind(
        name="moderation.office",
        label=gettext_lazy("Report that waits for a decision"),
        render=lambda message: _render("moderation/office", message),
        still_wanted=_still_waits,
    )
)
AUTHOR = register(
    Kind(
        name="moderation.author",
        label=gettext_lazy("Decision about something reported, to its author"),
        render=lambda message: _render("moderation/author", message),
    )
)
REPORTER = register(
    Kind(
        name="moderation.reporter",
        label=gettext_lazy("What became of a report"),
        render=lambda message: _render("moderation/reporter", message),
    )
)
