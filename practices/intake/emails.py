"""What this room writes: one mail to the coordinators of each office, however many texts were imported."""

from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from members.accounts.models import User
from practices.editorial.models import Revision
from practices.editorial.queries import reviewers_of
from practices.intake.models import Batch
from practices.library.models import Publication


def queue_imported(batch: Batch, revisions: Iterable[Revision]) -> None:
    """Tell whoever is to review them, once for each office."""
    # Who may review depends on the owner alone: one revision of each is asked about.
    samples = {(one.publication.owner_member_id, one.publication.owner_office_id): one for one in revisions}
    people: dict[tuple[int, int], User] = {}
    for revision in samples.values():
        office = revision.publication.reviewing_office
        people |= {(office.pk, person.pk): person for person in reviewers_of(revision)}
    for (office_pk, person_pk), person in people.items():
        queue_message(
            kind=IMPORTED,
            key=f"{batch.pk}:{office_pk}:{person_pk}",
            to=person.email,
            user=person,
            language=person.language,
            payload={"batch": batch.pk, "office": office_pk},
        )


def _render_imported(message: Message) -> Rendered | None:
    batch = Batch.objects.select_related("uploaded_by").filter(pk=message.payload["batch"]).first()
    count = len(_waiting(message))
    if batch is None or not count:
        return None
    context = {"batch": batch, "count": count, "link": absolute_url(reverse("editorial:queue"))}
    return render_email("intake/imported", message, context)


def _still_waits_for(message: Message) -> bool:
    return bool(_waiting(message))


def _waiting(message: Message) -> list[int]:
    """Return the revisions of the import that still wait for this person at this office."""
    if message.user is None:
        return []
    office = message.payload["office"]
    here = Q(owner_member__office=office) | Q(owner_office__parent=office) | Q(owner_office=office, owner_office__parent=None)  # fmt: skip
    rows = Revision.objects.awaiting_review_by(message.user).filter(
        intake_row__batch=message.payload["batch"], publication__in=Publication.objects.filter(here)
    )
    return list(rows.values_list("pk", flat=True))


IMPORTED = register(
    Kind(
        name="intake.imported",
        label=gettext_lazy("An import waits for review"),
        render=_render_imported,
        still_wanted=_still_waits_for,
    )
)
