"""Every write to revisions: begin, save, submit, take, decide, withdraw."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from members.accounts.models import User
from members.directory.models import Member, Office
from practices.editorial import emails
from practices.editorial.models import Decision, Revision
from practices.editorial.transitions import check_state, move
from practices.library.content import PLACE, as_value, carry_files, field_names, read_content, same
from practices.library.fields import NEEDED
from practices.library.forms import PublicationForm, check_storable
from practices.library.levels import mark_reviewed
from practices.library.models import Practice, Publication
from practices.library.services import make_publication, publish_content, record_act

DOUBLE_CLICK = timedelta(seconds=20)
FINISHED = (Publication.Status.COMPLETED, Publication.Status.SCALED)


class StaleEditionError(Exception):
    """Somebody saved a newer edition meanwhile; `revision` is as it is now. Nothing was written."""

    def __init__(self, revision: Revision) -> None:
        super().__init__(f"edition {revision.edition} of revision {revision.pk} is newer")
        self.revision = revision


@transaction.atomic
def begin_publication(*, kind: str, owner: Member | Office, language: str, title: str, by: User) -> Revision:
    """Make a publication that nobody reads yet, with the draft of its first revision.

    Asked for twice at once, as by a double click, it is made once.

    Raises:
        PermissionDenied: `by` does not write for `owner`.
        ValidationError: a value cannot be kept.
    """
    if not by.has_perm("library.write_for_owner", owner):
        raise PermissionDenied
    User.objects.select_for_update().get(pk=by.pk)  # two requests at once come one after the other
    just_now = Revision.objects.filter(
        created_by=by, edition=1, base_version=0, created_at__gt=timezone.now() - DOUBLE_CLICK,
        publication__title=title, publication__kind=kind, publication__language=language,
        publication__owner_member=owner if isinstance(owner, Member) else None,
        publication__owner_office=owner if isinstance(owner, Office) else None,
    )  # fmt: skip
    if found := just_now.open().first():
        made: Revision = found
        return made
    publication = make_publication(kind=kind, owner=owner, language=language, title=title, by=by)
    place = {name: as_value(getattr(publication, name)) for name in PLACE}
    begun = {"title": title, "language": language, "status": Publication.Status.RUNNING}
    return begin_revision(publication=publication, content=place | begun, by=by)


@transaction.atomic
def revise_publication(*, publication: Publication, by: User) -> Revision:
    """Return the open revision of a publication; where there is none, begin one from what was said last.

    That is what readers see, or what was withdrawn since, or, of what was never published, the last text.

    Raises:
        PermissionDenied: `by` does not write for the owner.
        ValidationError: the publication is archived.
    """
    if not by.has_perm("library.change_publication", publication):
        raise PermissionDenied
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    if publication.state == Publication.State.ARCHIVED:
        raise ValidationError(_("This is archived. Lists do not show it."))
    revisions = Revision.objects.filter(publication=publication)
    if found := revisions.open().first():
        open_one: Revision = found
        return open_one
    last: Revision | None = revisions.order_by("pk").last()
    withdrawn = last and last.state == Revision.State.WITHDRAWN and last.base_version == publication.version
    if last and (withdrawn or not publication.version):
        return begin_revision(publication=publication, content=dict(last.content), by=by)
    return begin_revision(publication=publication, content=read_content(publication), by=by)


@transaction.atomic
def continue_as_practice(*, project: Publication, by: User) -> Revision:
    """Begin the practice that a finished project has become: what fits is carried over, and the two are linked.

    Asked for again, the open revision of that practice is returned.

    Raises:
        PermissionDenied: `by` does not write for the owner.
        ValidationError: it is no published project that is finished.
    """
    if not by.has_perm("library.change_publication", project):
        raise PermissionDenied
    project = Publication.objects.select_for_update(of=("self",)).select_related("project").get(pk=project.pk)
    if project.kind != Publication.Kind.PROJECT or project.state != Publication.State.PUBLISHED:
        raise ValidationError(_("Only a published project can become a practice."))
    if project.status not in FINISHED:
        raise ValidationError(_("The project is not finished: its status says that it is planned or running."))
    made = Practice.objects.filter(from_project=project.pk).first()
    if made:
        return revise_publication(publication=made.publication_ptr, by=by)
    practice = make_publication(
        kind="practice", owner=project.owner, language=project.language, title=project.title, by=by,
        from_project=project.child,
    )  # fmt: skip
    known = set(field_names("practice"))
    content = {name: value for name, value in read_content(project).items() if name in known}
    return begin_revision(publication=practice, content=carry_files(content, practice), by=by)


@transaction.atomic
def save_revision(
    *, revision: Revision, changes: Mapping[str, Any], edition: int, window: str, final: bool, by: User
) -> Revision:
    """Keep what was typed, complete or not.

    Args:
        edition: the edition that the typing began from.
        window: a random name of the page that it was typed into.
        final: False for a save while typing. A person's own press of a button may follow a save while typing from
            the same window that has not told it the new edition yet; a late save while typing must not undo it.

    Returns:
        The revision as saved; its edition is one higher if anything changed.

    Raises:
        PermissionDenied: `by` does not write for the owner.
        StaleEditionError: somebody else, or another window, saved meanwhile.
        ValidationError: it is being reviewed or is decided; or, by field, a text cannot be kept.
    """
    if not by.has_perm("editorial.change_revision", revision):
        raise PermissionDenied
    check_storable(changes)
    revision = _lock(revision)
    if all(same(revision.content.get(name, ""), value) for name, value in changes.items()):
        return revision
    if revision.state not in Revision.EDITABLE:
        raise ValidationError(_("This cannot be changed while it is reviewed or after it was decided."), code="state")
    own_window = final and window != "" and window == revision.saved_from
    if revision.edition != edition and not own_window:
        raise StaleEditionError(revision)
    revision.content = {**revision.content, **changes}
    revision.edition += 1
    revision.saved_at, revision.saved_by, revision.saved_from = timezone.now(), by, window
    revision.save(update_fields=["content", "edition", "saved_at", "saved_by", "saved_from"])
    return revision


@transaction.atomic
def submit_revision(*, revision: Revision, edition: int, by: User) -> Revision:
    """Hand a complete revision to the coordinators of the owner's office, who are told.

    Raises:
        PermissionDenied: `by` does not write for the owner.
        StaleEditionError: `by` has not seen what somebody else saved.
        ValidationError: by field, what is missing or wrong; or it is submitted or decided already.
    """
    if not by.has_perm("editorial.change_revision", revision):
        raise PermissionDenied
    revision = _lock(revision)
    check_state(revision, "submit")
    if revision.edition != edition:
        raise StaleEditionError(revision)
    check_complete(revision)
    hand_in(revision, by=by)
    emails.queue_waiting(revision)
    return revision


@transaction.atomic
def take_revision(*, revision: Revision, by: User) -> Revision:
    """Say that `by` reviews it, so that two coordinators do not do the same work.

    Raises:
        PermissionDenied: `by` may not review it.
        ValidationError: it is not waiting any more.
    """
    revision = lock_for_review(revision, by)
    move(revision, "take")
    revision.reviewer = by
    revision.save(update_fields=["state", "reviewer"])
    record_act(revision.publication, "review_taken", by=by, details={"revision": revision.pk})
    return revision


@transaction.atomic
def decide_revision(*, revision: Revision, verdict: str, reason: str, edition: int, version: int, by: User) -> Revision:
    """Approve, ask for changes or decline; approval makes the revision what readers see. The authors are told.

    Args:
        edition: the edition of the revision that `by` has read.
        version: the version of the published text that it was compared with.

    Raises:
        PermissionDenied: `by` may not review it.
        StaleEditionError: the revision or the published text is another one than `by` has read.
        ValidationError: no reason where one is needed, or it is decided already; the text says by whom.
    """
    revision = lock_for_review(revision, by)
    _check_undecided(revision)
    move(revision, verdict)
    published = Publication.objects.select_for_update(of=("self",)).only("version").get(pk=revision.publication_id)
    if (revision.edition, published.version) != (edition, version):
        raise StaleEditionError(_lock(revision))
    if not reason.strip() and verdict != Decision.Verdict.APPROVED:
        raise ValidationError({"reason": _("Please say why: the author reads it.")})
    decision = Decision(revision=revision, verdict=verdict, reason=reason.strip(), by=by)
    decision.full_clean()
    decision.save()
    revision.reviewer = by
    if verdict != Decision.Verdict.CHANGES_REQUESTED:
        revision.closed_at = timezone.now()
    if verdict == Decision.Verdict.APPROVED:
        form = check_complete(revision)
        content, publication = revision.content, revision.publication
        keep_version(publication)
        published = publish_content(publication=publication, cleaned=form.cleaned_data, content=content, by=by)
        mark_reviewed(published)
        revision.version = published.version
    else:
        record_act(
            revision.publication, verdict, by=by, audience=Entry.Audience.MEMBER, details={"revision": revision.pk}
        )
    revision.save(update_fields=["state", "reviewer", "closed_at", "version"])
    emails.queue_decision(decision)
    return revision


@transaction.atomic
def withdraw_revision(*, revision: Revision, by: User) -> Revision:
    """Take a revision back. What readers see stays; the text is kept and can be begun from again.

    Raises:
        PermissionDenied: `by` does not write for the owner.
        ValidationError: it is decided already.
    """
    if not by.has_perm("editorial.change_revision", revision):
        raise PermissionDenied
    revision = _lock(revision)
    move(revision, "withdraw")
    revision.closed_at = timezone.now()
    revision.save(update_fields=["state", "closed_at"])
    record_act(
        revision.publication, "withdrawn", by=by, audience=Entry.Audience.OFFICE, details={"revision": revision.pk}
    )
    return revision


def check_complete(revision: Revision) -> PublicationForm:
    """Return the checked values of a revision that can be submitted.

    Raises:
        ValidationError: by field, what is missing or wrong.
    """
    publication = revision.publication
    form = PublicationForm(revision.content, kind=publication.kind, publication=publication, required=NEEDED)
    if not form.is_valid():
        raise ValidationError({name: [str(text) for text in texts] for name, texts in form.errors.items()})
    return form


def _check_undecided(revision: Revision) -> None:
    """Raise ValidationError, with who decided what, where somebody was faster."""
    decided = {Revision.State.APPROVED, Revision.State.DECLINED, Revision.State.CHANGES_REQUESTED}
    last = revision.decisions.select_related("by").last() if revision.state in decided else None
    if last:
        raise ValidationError(
            _("%(who)s has decided already. The state is now: %(state)s.")
            % {"who": last.by or _("Somebody"), "state": revision.get_state_display()},
            code="state",
        )


def begin_revision(
    *, publication: Publication, content: dict[str, Any], by: User, details: Mapping[str, object] | None = None
) -> Revision:
    """Make the draft of a revision. The caller has checked that `by` may, and that none is open."""
    revision: Revision = Revision.objects.create(
        publication=publication, content=content, base_version=publication.version, created_by=by, saved_by=by
    )
    record_act(publication, "drafted", by=by, details={"revision": revision.pk} | dict(details or {}))
    return revision


def hand_in(revision: Revision, *, by: User) -> None:
    """Submit a revision without a word to the reviewers: an import tells them once for all of its own.

    The caller has checked that `by` may, that it is complete, and has locked it.
    """
    move(revision, "submit")
    revision.submitted_at, revision.submitted_by = timezone.now(), by
    revision.reviewer = revision.escalated_at = None
    revision.save(update_fields=["state", "submitted_at", "submitted_by", "reviewer", "escalated_at"])
    record_act(
        revision.publication, "submitted", by=by, audience=Entry.Audience.OFFICE, details={"revision": revision.pk}
    )


def keep_version(publication: Publication) -> None:
    """Keep what readers see as a version of the history, where it came without a revision, as by an import."""
    if publication.version and not publication.revisions.filter(version=publication.version).exists():
        Revision.objects.create(
            publication=publication, content=read_content(publication), state=Revision.State.APPROVED,
            base_version=publication.version - 1, version=publication.version, closed_at=publication.updated_at,
        )  # fmt: skip


def lock_for_review(revision: Revision, by: User) -> Revision:
    """Return `revision` as it is now, locked until the end of the transaction.

    Raises:
        PermissionDenied: `by` may not review it.
    """
    revision = _lock(revision)
    if not by.has_perm("editorial.review_revision", revision):
        raise PermissionDenied
    return revision


def _lock(revision: Revision) -> Revision:
    locked: Revision = Revision.objects.select_for_update(of=("self",)).select_related(
        "publication__owner_member__office", "publication__owner_office__parent", "saved_by", "submitted_by",
        "reviewer", "handed_to", "handed_from",
    ).get(pk=revision.pk)  # fmt: skip
    return locked
