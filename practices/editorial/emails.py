"""What the editorial room writes: to coordinators that something waits, to authors what was decided."""

from django.urls import reverse

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from members.accounts.models import User
from practices.editorial.models import Decision, Revision


def queue_waiting(revision: Revision) -> None:
    """Tell everybody who is to review `revision`."""
    for person in people_to_review(revision):
        queue_message(
            kind=WAITING,
            key=f"{revision.pk}:{revision.submitted_at:%Y%m%dT%H%M%S.%f}:{person.pk}",
            to=person.email,
            user=person,
            language=person.language,
            payload={"revision": revision.pk, "edition": revision.edition},
        )


def people_to_review(revision: Revision) -> list[User]:
    """Return who may review `revision`: the office's coordinators, or administrators where it has none."""
    office = revision.publication.reviewing_office
    active = User.objects.filter(is_active=True)
    coordinators = active.filter(office_roles__office=office, office_roles__role="coordinator")
    people = [one for one in coordinators if one.has_perm("editorial.review_revision", revision)]
    if not people:
        people = [
            one for one in active.filter(is_administrator=True) if one.has_perm("editorial.review_revision", revision)
        ]
    return people


def queue_decision(decision: Decision) -> None:
    """Tell the person who submitted it what was decided, and why."""
    author = decision.revision.submitted_by
    if author and author.is_active:
        queue_message(
            kind=DECISION,
            key=str(decision.pk),
            to=author.email,
            user=author,
            language=author.language,
            payload={"decision": decision.pk},
        )


def _render_waiting(message: Message) -> Rendered | None:
    revision = _waiting(message)
    if revision is None:
        return None
    link = absolute_url(reverse("editorial:revision_review", args=[revision.pk]))
    return render_email("editorial/waiting", message, {"revision": revision, "link": link})


def _waiting(message: Message) -> Revision | None:
    found: Revision | None = (
        Revision.objects.filter(pk=message.payload["revision"], state__in=Revision.AWAITING)
        .select_related("publication__owner_member__office", "publication__owner_office__parent", "submitted_by")
        .first()
    )
    return found


def _still_waits_for(message: Message) -> bool:
    revision = _waiting(message)
    return bool(revision and message.user and message.user.has_perm("editorial.review_revision", revision))


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


WAITING = register(Kind(name="editorial.waiting", render=_render_waiting, still_wanted=_still_waits_for))
DECISION = register(Kind(name="editorial.decision", render=_render_decision))
