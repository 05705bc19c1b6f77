"""To reviewers that something waits, to authors what was decided."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from practices.editorial.emails.telling import revision_of, stamp, tell
from practices.editorial.models import Decision, Revision
from practices.editorial.queries import reviewers_of
from practices.library.queries import authors_to_tell


def queue_waiting(revision: Revision) -> None:
    """Tell everybody who may review `revision` that it came to their office."""
    key = f"{revision.pk}:{stamp(revision.waits_since)}"
    payload: dict[str, object] = {"revision": revision.pk, "edition": revision.edition}
    tell(reviewers_of(revision), kind=WAITING, key=key, payload=payload)


def queue_decision(decision: Decision) -> None:
    """Tell the authors what was decided, and why."""
    people = authors_to_tell(decision.revision.publication, decision.revision.submitted_by)
    tell(people, kind=DECISION, key=str(decision.pk), payload={"decision": decision.pk})


def _render_waiting(message: Message) -> Rendered | None:
    revision = revision_of(message)
    if revision is None or not revision.is_awaiting:
        return None
    link = absolute_url(reverse("editorial:revision_review", args=[revision.pk]))
    return render_email("editorial/waiting", message, {"revision": revision, "link": link})


def _still_waits_for(message: Message) -> bool:
    revision = revision_of(message)
    may = bool(revision and message.user and message.user.has_perm("editorial.review_revision", revision))
    return may and revision is not None and revision.is_awaiting


def _render_decision(message: Message) -> Rendered | None:
    decision = (
        Decision.objects.filter(pk=message.payload["decision"]).select_related("revision__publication", "by").first()
    )
    if decision is None:
        return None
    revision = decision.revision
    approved = decision.verdict == Decision.Verdict.APPROVED
    path = revision.publication.get_absolute_url() if approved else revision.get_absolute_url()
    context = {"decision": decision, "revision": revision, "link": absolute_url(path)}
    return render_email("editorial/decision", message, context)


WAITING = register(
    Kind(
        name="editorial.waiting",
        label=gettext_lazy("A text waits for review"),
        render=_render_waiting,
        still_wanted=_still_waits_for,
    )
)
DECISION = register(Kind(name="editorial.decision", label=gettext_lazy("Decision on a text"), render=_render_decision))
