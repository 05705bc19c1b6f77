"""What somebody who leaves had to do: their texts go to a liaison, their reviews back to the office."""

from django.db.models import Q
from django.utils import timezone

from members.accounts.models import User
from members.directory.models import Member, MemberRole, Office
from practices.editorial import emails
from practices.editorial.models import Assessment, Revision
from practices.editorial.transitions import move
from practices.library.models import Publication
from practices.library.services import record_act


def hand_over(user: User, place: Member | Office, by: User) -> None:
    """Hand over the work of `user` at `place`, in the transaction in which their role there ends.

    Publications and open revisions are the member's and stay where they are; what changes is who looks after them.
    """
    if isinstance(place, Member):
        _leave_texts(user, place, by)
    else:
        _give_back_reviews(user, place, by)
    if not user.office_roles.filter(role="expert").exists():
        _withdraw_assessments(user, by)


def _leave_texts(user: User, member: Member, by: User) -> None:
    heir = _heir(member, user, by)
    began = Q(responsible=None, created_by=user, state=Publication.State.UNPUBLISHED)
    texts = Publication.objects.select_for_update(of=("self",)).filter(
        Q(responsible=user) | began, owner_member=member
    ).order_by("pk")  # fmt: skip
    found = list(texts)
    for publication in found:
        publication.responsible = heir
        publication.save(update_fields=["responsible"])
        details = {"to": heir.pk if heir else None, "from": user.pk}
        record_act(publication, "reassigned", by=by, details=details)
    if heir and found:
        emails.queue_left_to(heir, user, member, [one.pk for one in found], by)


def _heir(member: Member, user: User, by: User) -> User | None:
    """Return the liaison who looks after it from now on: whoever acts, if they are one, else the first."""
    liaisons = User.objects.filter(
        is_active=True, member_roles__member=member, member_roles__role=MemberRole.Role.LIAISON
    ).exclude(pk=user.pk)  # fmt: skip
    rows = list(liaisons.order_by("pk"))
    return by if by in rows else next(iter(rows), None)


def _give_back_reviews(user: User, office: Office, by: User) -> None:
    rows = Revision.objects.select_for_update(of=("self",)).filter(state=Revision.State.IN_REVIEW, reviewer=user)
    for revision in rows.select_related("publication__owner_member__office", "publication__owner_office__parent"):
        if revision.deciding_office == office:
            move(revision, "give_back")
            revision.reviewer = None
            revision.save(update_fields=["state", "reviewer"])
            record_act(revision.publication, "review_given_back", by=by, details={"revision": revision.pk})


def _withdraw_assessments(user: User, by: User) -> None:
    rows = Assessment.objects.select_for_update(of=("self",)).open().filter(expert=user)
    for assessment in rows.select_related("publication__owner_member__office", "publication__owner_office__parent"):
        assessment.withdrawn_at = timezone.now()
        assessment.save(update_fields=["withdrawn_at"])
        record_act(assessment.publication, "invitation_withdrawn", by=by, details={"expert": user.pk})
