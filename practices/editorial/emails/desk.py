"""About the work of an office: given to somebody, handed over, lying too long, what waits this week."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from members.accounts.models import User
from members.directory.models import Office
from practices.editorial.emails.telling import revision_of, stamp, tell
from practices.editorial.models import Revision
from practices.editorial.pending import pending_at
from practices.editorial.queries import overseers_of, reviewers_of
from practices.library.queries import authors_to_tell


def queue_assigned(revision: Revision, by: User) -> None:
    """Tell the reviewer that `by` gave them a revision."""
    if revision.reviewer and revision.reviewer != by:
        payload: dict[str, object] = {"revision": revision.pk, "by": by.pk}
        key = f"{revision.pk}:{stamp(timezone.now())}"  # each time that it is given to them
        tell([revision.reviewer], kind=ASSIGNED, key=key, payload=payload)


def queue_handed_over(revision: Revision) -> None:
    """Tell the authors at which office it is now."""
    people = authors_to_tell(revision.publication, revision.submitted_by)
    tell(people, kind=HANDED_OVER, key=f"{revision.pk}:{stamp(revision.handed_at)}", payload={"revision": revision.pk})


def queue_overdue(revision: Revision) -> None:
    """Tell the office's coordinators and those above it that `revision` lies too long: once a submission each."""
    since = stamp(revision.waits_since)
    payload: dict[str, object] = {"revision": revision.pk, "since": since}
    tell(_concerned(revision), kind=OVERDUE, key=f"{revision.pk}:{since}", payload=payload)


def queue_weekly(office: Office, week: str, before: datetime, people: Collection[User]) -> None:
    """Tell `people` of `office` what has waited there since before a time (UTC): once a week each."""
    payload: dict[str, object] = {"office": office.pk, "before": before.isoformat()}
    tell(people, kind=WEEKLY, key=f"{office.pk}:{week}", payload=payload)


def _concerned(revision: Revision) -> list[User]:
    people = {person.pk: person for person in (*reviewers_of(revision), *overseers_of(revision))}
    return list(people.values())


def _review_link(revision: Revision) -> str:
    return absolute_url(reverse("editorial:revision_review", args=[revision.pk]))


def _is_still_assigned(message: Message) -> bool:
    revision = revision_of(message)
    return bool(revision and revision.is_awaiting and revision.reviewer == message.user and _may_review(message))


def _may_review(message: Message) -> bool:
    return bool(message.user and message.user.has_perm("editorial.review_revision", revision_of(message)))


def _render_assigned(message: Message) -> Rendered | None:
    revision = revision_of(message)
    by = User.objects.filter(pk=message.payload["by"]).first()
    if revision is None or by is None:
        return None
    context = {"revision": revision, "by": by, "link": _review_link(revision)}
    return render_email("editorial/assigned", message, context)


def _render_handed_over(message: Message) -> Rendered | None:
    revision = revision_of(message)
    if revision is None or revision.handed_to is None:
        return None
    context = {"revision": revision, "link": absolute_url(revision.get_absolute_url())}
    return render_email("editorial/handed_over", message, context)


def _is_still_overdue(message: Message) -> bool:
    revision = revision_of(message)
    waits = revision and revision.is_awaiting and stamp(revision.waits_since) == message.payload["since"]
    return bool(waits and revision and message.user in _concerned(revision))


def _render_overdue(message: Message) -> Rendered | None:
    revision = revision_of(message)
    if revision is None or message.user is None:
        return None
    may_read = message.user.has_perm("editorial.view_revision", revision)
    office = absolute_url(revision.deciding_office.get_absolute_url())
    context = {"revision": revision, "may_read": may_read, "link": _review_link(revision) if may_read else office}
    return render_email("editorial/overdue", message, context)


def _render_weekly(message: Message) -> Rendered | None:
    office = Office.objects.filter(pk=message.payload["office"]).first()
    if office is None or message.user is None:
        return None
    rows = pending_at(office, message.user, before=datetime.fromisoformat(message.payload["before"]))
    if not rows:
        return None
    context: dict[str, Any] = {
        "office": office,
        "rows": [(row, days, _review_link(row)) for row, days in rows],
        "link": absolute_url(reverse("editorial:queue")),
    }
    return render_email("editorial/weekly", message, context)


ASSIGNED = register(
    Kind(
        name="editorial.assigned",
        label=gettext_lazy("Review assigned"),
        render=_render_assigned,
        still_wanted=_is_still_assigned,
    )
)
HANDED_OVER = register(
    Kind(name="editorial.handed_over", label=gettext_lazy("Review handed over"), render=_render_handed_over)
)
OVERDUE = register(
    Kind(
        name="editorial.overdue",
        label=gettext_lazy("Review overdue"),
        render=_render_overdue,
        still_wanted=_is_still_overdue,
    )
)
WEEKLY = register(
    Kind(name="editorial.weekly", label=gettext_lazy("Weekly overview of reviews"), render=_render_weekly)
)
