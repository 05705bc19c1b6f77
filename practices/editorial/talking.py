"""Internal notes, and the thread of authors and reviewers."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from members.accounts.models import User
from practices.editorial import emails
from practices.editorial.models import Note, Remark, Revision
from practices.library.models import Publication


@transaction.atomic
def add_note(*, publication: Publication, revision: Revision | None, text: str, by: User) -> Note:
    """Write down something that authors never see, about a revision or with None about the published text.

    Raises:
        PermissionDenied: `by` does not decide on the revision, does not look after the publication, or is its author.
        ValidationError: the text is missing, too long or cannot be kept.
    """
    if revision is None:
        allowed = by.has_perm("editorial.look_after_publication", publication)
    else:
        allowed = revision.submitted_at is not None and by.has_perm("editorial.note_revision", revision)
    if not allowed:
        raise PermissionDenied
    note = Note(publication=publication, revision=revision, text=text.strip(), by=by)
    note.full_clean()
    note.save()
    return note


@transaction.atomic
def add_remark(*, revision: Revision, text: str, by: User) -> Remark:
    """Say something to the other side of a review, who are told by e-mail.

    Raises:
        PermissionDenied: `by` is neither an author nor decides on it.
        ValidationError: it was never submitted, or the text is missing, too long or cannot be kept.
    """
    if by.has_perm("editorial.review_revision", revision) and revision.submitted_at:
        side = Remark.Side.REVIEWER
    elif by.has_perm("editorial.change_revision", revision):
        side = Remark.Side.AUTHOR
    else:
        raise PermissionDenied
    if revision.submitted_at is None:
        raise ValidationError(_("You can write to the reviewers once it is submitted."))
    remark = Remark(revision=revision, side=side, text=text.strip(), by=by)
    remark.full_clean()
    remark.save()
    emails.queue_remark(remark)
    return remark
