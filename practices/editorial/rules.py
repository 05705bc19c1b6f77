"""Who may do what with a revision, an assessment, a note."""

from typing import TYPE_CHECKING

import rules

from members.directory.models import Member, Office
from members.directory.rules import is_administrator, roles_of
from practices.library.content import FILES
from practices.library.rules import is_author as is_author_of_publication
from practices.library.rules import is_of_owner, is_published, is_reviewing_coordinator

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from practices.editorial.models import Assessment, Note, Remark, Revision
    from practices.library.models import File, Publication


@rules.predicate
def is_author(user: "User | AnonymousUser", revision: "Revision | None") -> bool:
    return revision is not None and is_author_of_publication(user, revision.publication)


@rules.predicate
def is_impartial(user: "User | AnonymousUser", revision: "Revision | None") -> bool:
    """Whether it is neither the work of their own member nor submitted by them."""
    return (
        revision is not None
        and not is_of_owner(user, revision.publication)
        and (revision.submitted_by_id is None or revision.submitted_by_id != user.pk)
    )


@rules.predicate
def is_of_deciding_office(user: "User | AnonymousUser", revision: "Revision | None") -> bool:
    if revision is None:
        return False
    if revision.handed_to_id is not None:
        return revision.handed_to_id in roles_of(user).coordinates
    return bool(is_reviewing_coordinator(user, revision.publication))


@rules.predicate
def is_of_former_office(user: "User | AnonymousUser", revision: "Revision | None") -> bool:
    """Whether they coordinate an office that has handed it over: the owner's, or the one before this."""
    if revision is None or revision.handed_to_id is None:
        return False
    handed_it = revision.handed_from_id in roles_of(user).coordinates
    return handed_it or is_reviewing_coordinator(user, revision.publication)


@rules.predicate
def was_submitted(_user: "User | AnonymousUser", revision: "Revision | None") -> bool:
    return revision is not None and revision.submitted_at is not None


is_reviewer = is_impartial & (is_of_deciding_office | is_administrator)
is_follower = is_reviewer | (is_impartial & is_of_former_office)
rules.add_perm("editorial.change_revision", is_author)
rules.add_perm("editorial.review_revision", is_reviewer)
rules.add_perm("editorial.follow_revision", is_follower)
rules.add_perm("editorial.view_revision", is_author | (is_follower & was_submitted))
rules.add_perm("editorial.oversee_revision", is_impartial)  # asked of those above the office alone
rules.add_perm("editorial.note_revision", is_reviewer & ~is_author)
# Whoever invites experts, recommends and verifies: the owner's office, and nobody for their own work.
looks_after = (is_reviewing_coordinator | is_administrator) & ~is_of_owner & ~is_author_of_publication
rules.add_perm("editorial.look_after_publication", looks_after)


def reads_revision_that_names(user: "User | AnonymousUser", file: "File") -> bool:
    """Whether they may read a revision of the file's publication that names it; `named_in_revisions_read_by`."""
    rows = file.publication.revisions.select_related(
        "publication__owner_member__office", "publication__owner_office__parent"
    )
    return any(
        str(file.pk) in {row.get("file") for name in FILES for row in revision.content.get(name) or []}
        and user.has_perm("editorial.view_revision", revision)
        for revision in rows
    )


@rules.predicate
def is_expert(user: "User | AnonymousUser") -> bool:
    return bool(roles_of(user).expert_at)


@rules.predicate
def has_submitted_it(user: "User | AnonymousUser", publication: "Publication | None") -> bool:
    from practices.editorial.models import Revision

    return publication is not None and Revision.objects.filter(publication=publication, submitted_by=user.pk).exists()


rules.add_perm(
    "editorial.assess_publication",
    is_expert & is_published & ~is_of_owner & ~is_author_of_publication & ~has_submitted_it,
)


@rules.predicate
def is_invited_expert(user: "User | AnonymousUser", assessment: "Assessment | None") -> bool:
    return assessment is not None and assessment.expert_id == user.pk and roles_of(user).in_network


@rules.predicate
def looks_after_it(user: "User | AnonymousUser", of_publication: "Assessment | None") -> bool:
    return of_publication is not None and looks_after(user, of_publication.publication)


rules.add_perm("editorial.answer_assessment", is_invited_expert)
rules.add_perm("editorial.withdraw_assessment", looks_after_it)  # as inviting
rules.add_perm("editorial.view_assessment", is_invited_expert | looks_after_it)


@rules.predicate
def may_read_note(user: "User | AnonymousUser", note: "Note | None") -> bool:
    if note is None:
        return False
    if note.revision is None:
        return user.has_perm("editorial.look_after_publication", note.publication)
    return user.has_perm("editorial.note_revision", note.revision)


@rules.predicate
def may_read_remark(user: "User | AnonymousUser", remark: "Remark | None") -> bool:
    return remark is not None and user.has_perm("editorial.view_revision", remark.revision)


rules.add_perm("editorial.view_note", may_read_note)
rules.add_perm("editorial.view_remark", may_read_remark)


@rules.predicate
def writes_for(user: "User | AnonymousUser", owner: "Member | Office | None") -> bool:
    """Whether they write for an owner: a member's contributor or liaison, an office's coordinator."""
    if isinstance(owner, Member):
        return owner.pk in roles_of(user).writes_for
    return isinstance(owner, Office) and owner.pk in roles_of(user).coordinates


rules.add_perm("library.write_for_owner", writes_for)
