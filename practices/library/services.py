"""Every write to publications. What they say comes from approved revisions or from an import."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from members.accounts.models import User
from members.directory.models import Member, Office
from practices.library.content import COLUMNS, KNOWABLE, LISTS, OWN, Content, write_rows
from practices.library.grading import regrade
from practices.library.models import Practice, Project, Publication

State = Publication.State
# From which states an act may start, and where it leads. Nothing else assigns `state`.
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "publish": (frozenset({State.UNPUBLISHED, State.PUBLISHED}), State.PUBLISHED),
    "archive": (frozenset({State.PUBLISHED}), State.ARCHIVED),
    "restore": (frozenset({State.ARCHIVED}), State.PUBLISHED),
}


def move(publication: Publication, act: str) -> None:
    """Change the state as `act` does.

    Raises:
        ValidationError: the act is not possible from the present state.
    """
    allowed, target = TRANSITIONS[act]
    if publication.state not in allowed:
        raise ValidationError(_("This is not possible now: the publication has been changed meanwhile."))
    publication.state = target


def make_publication(
    *, kind: str, owner: Member | Office, language: str, title: str, by: User | None, **facts: Any
) -> Publication:
    """Make an unpublished publication with its place taken from the owner. Not saved rows of M2M yet.

    Raises:
        ValidationError: a value cannot be kept.
    """
    model = {"practice": Practice, "project": Project}[kind]
    publication = model(
        kind=kind,
        owner_member=owner if isinstance(owner, Member) else None,
        owner_office=owner if isinstance(owner, Office) else None,
        language=language,
        title=title,
        created_by=by,
        country=owner.country,
        subdivision=owner.subdivision,
        latitude=owner.latitude,
        longitude=owner.longitude,
        **facts,
    )
    publication.full_clean(validate_constraints=False)  # `owner` and the state make them true
    publication.save()
    base: Publication = publication.publication_ptr  # type: ignore[attr-defined]
    return base


@transaction.atomic
def publish_content(
    *, publication: Publication, cleaned: Mapping[str, Any], content: Content, by: User | None
) -> Publication:
    """Make `cleaned`, the checked values of `content`, what readers see. The caller has checked that `by` may.

    Returns:
        The publication with its new version.

    Raises:
        ValidationError: the publication is archived, or a value cannot be kept.
    """
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    first = publication.version == 0
    move(publication, "publish")
    for name in COLUMNS:
        if name in cleaned:
            setattr(publication, name, cleaned[name])
    now = timezone.now()
    publication.version += 1
    publication.published_at = publication.published_at or now
    publication.updated_at = publication.confirmed_at = now
    publication.unconfirmed_at = None
    publication.not_known = [name for name, value in content.items() if value is None and name in KNOWABLE]
    publication.responsible = publication.responsible or publication.created_by
    # The form has checked what the constraints ask for; asking the database again takes three queries for each.
    publication.full_clean(exclude=["import_id"], validate_constraints=False)
    publication.save()
    for name in LISTS:
        getattr(publication, name).set(cleaned[name])
    child = publication.child
    for name in OWN[publication.kind]:
        setattr(child, name, cleaned[name])
    child.save(update_fields=OWN[publication.kind])  # the row that it extends is saved already
    write_rows(publication, cleaned, replace=not first)
    regrade(publication)
    record_act(publication, "published" if first else "updated", by=by, audience=Entry.Audience.NETWORK)
    return publication


@transaction.atomic
def archive_publication(*, publication: Publication, reason: str, by: User) -> None:
    """Take a publication out of the lists, with a reason that its authors see.

    Raises:
        PermissionDenied: `by` does not coordinate the owner's office.
        ValidationError: no reason, or it is not published.
    """
    if not by.has_perm("library.archive_publication", publication):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Please say why.")})
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    move(publication, "archive")
    publication.archived_reason = reason.strip()
    publication.save(update_fields=["state", "archived_reason"])
    record_act(publication, "archived", by=by, details={"reason": publication.archived_reason})


@transaction.atomic
def restore_publication(*, publication: Publication, by: User) -> None:
    """Publish an archived publication again as it was.

    Raises:
        PermissionDenied: `by` does not coordinate the owner's office.
        ValidationError: it is not archived.
    """
    if not by.has_perm("library.archive_publication", publication):
        raise PermissionDenied
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    move(publication, "restore")
    publication.archived_reason = ""
    publication.save(update_fields=["state", "archived_reason"])
    record_act(publication, "restored", by=by)


@transaction.atomic
def confirm_publication(
    *, publication: Publication, by: User | None, details: Mapping[str, object] | None = None
) -> Publication:
    """Record that what readers see is still true. The caller has checked that `by` may; None holds a signed link.

    Raises:
        ValidationError: it is not published.
    """
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    if publication.state != State.PUBLISHED:
        raise ValidationError(_("This is not possible now: the publication has been changed meanwhile."))
    publication.confirmed_at, publication.unconfirmed_at = timezone.now(), None
    publication.save(update_fields=["confirmed_at", "unconfirmed_at"])
    record_act(publication, "confirmed", by=by, details=details)
    return publication


@transaction.atomic
def mark_unconfirmed(*, publication: Publication, details: Mapping[str, object] | None = None) -> None:
    """Show from now on that nobody has confirmed it in time; the system's own act. A second time changes nothing."""
    rows = Publication.objects.published().filter(pk=publication.pk, unconfirmed_at=None)
    if rows.update(unconfirmed_at=timezone.now()):
        record_act(publication, "lapsed", by=None, details=details)


def mark_seen(*, publication: Publication, by: User) -> None:
    """Remember that `by` has opened this version: the one thing that reading writes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO library_seen AS known (user_id, publication_id, version) VALUES (%s, %s, %s) ON CONFLICT"
            " (user_id, publication_id) DO UPDATE SET version = excluded.version WHERE known.version <> excluded.version",
            [by.pk, publication.pk, publication.version],
        )


def record_act(
    publication: Publication,
    verb: str,
    *,
    by: User | None,
    audience: Entry.Audience = Entry.Audience.NOBODY,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write into the journal that `by` did `verb` to `publication`."""
    record(
        verb=verb,
        obj=publication,
        by=by,
        audience=audience,
        member_id=publication.owner_member_id,
        office_id=publication.reviewing_office.pk,
        topics=publication.topics.values_list("code", flat=True),
        pathways=publication.pathways.values_list("code", flat=True),
        version=publication.version,
        details=details,
    )
