"""Every write about assessments, and what comes of them: invite, answer, recommend, verify."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from members.accounts.models import User
from practices.editorial import emails
from practices.editorial.models import Assessment
from practices.editorial.models.assessments import CRITERIA
from practices.editorial.rubric import EXPERTS_NEEDED, RECOMMENDED_FROM, as_shown, overall_mean
from practices.editorial.validators import clean_reason
from practices.library.levels import set_review_level, set_verified
from practices.library.models import Publication
from practices.library.services import record_act

Level = Publication.ReviewLevel
FIELDS = (*CRITERIA, *(f"{code}_comment" for code in CRITERIA), "shows_name")
REMIND_AFTER = timedelta(days=14)


@transaction.atomic
def invite_expert(*, publication: Publication, expert: User, note: str, by: User) -> Assessment:
    """Ask an expert of the network what they think of a published text; they get an e-mail.

    Raises:
        PermissionDenied: `by` does not look after the publication.
        ValidationError: by field, that `expert` may not assess it or is asked already; or it is not published.
    """
    publication = _lock_publication(publication, by)
    if publication.state != Publication.State.PUBLISHED:
        raise ValidationError(_("Only what is published is assessed."))
    if not expert.is_active or not expert.has_perm("editorial.assess_publication", publication):
        raise ValidationError(
            {"expert": _("This person is no expert of the network, or it is the work of their own member.")}
        )
    if Assessment.objects.open().filter(publication=publication, expert=expert).exists():
        raise ValidationError({"expert": _("This person is asked already and has not answered yet.")})
    assessment = Assessment(
        publication=publication, version=publication.version, expert=expert, invited_by=by, note=note.strip()
    )
    assessment.full_clean()
    assessment.save()
    record_act(publication, "expert_invited", by=by, details={"assessment": assessment.pk, "expert": expert.pk})
    emails.queue_invitation(assessment)
    return assessment


@transaction.atomic
def save_assessment(*, assessment: Assessment, answers: Mapping[str, Any], by: User) -> Assessment:
    """Keep an expert's answers as a draft, complete or not: scores (0 to 4 or None), comments, `shows_name`.

    Raises:
        PermissionDenied: `by` was not invited.
        ValidationError: by field, what cannot be kept; or it is submitted, declined or withdrawn already.
    """
    assessment = _lock_open(assessment, by)
    _fill(assessment, answers)
    assessment.save(update_fields=FIELDS)
    return assessment


@transaction.atomic
def submit_assessment(*, assessment: Assessment, answers: Mapping[str, Any], version: int, by: User) -> Assessment:
    """Hand in an expert's answers for good; readers see them, and whoever invited the expert is told.

    Args:
        version: the version of the published text that `by` has read.

    Raises:
        PermissionDenied: `by` was not invited.
        ValidationError: by field, what is missing or wrong; it is submitted, declined or withdrawn already; `by` may
            not assess it any more; or a newer version was published meanwhile.
    """
    assessment = _lock_open(assessment, by)
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=assessment.publication_id)
    if not by.has_perm("editorial.assess_publication", publication):
        raise ValidationError(_("You cannot assess this any more. Please decline, and say why."))
    _fill(assessment, answers)
    _check_whole(assessment)
    if version != publication.version:
        raise ValidationError(
            _("A new version was published after you opened this page. Please look at it, and submit again.")
        )
    assessment.version, assessment.submitted_at = publication.version, timezone.now()
    assessment.save(update_fields=[*FIELDS, "version", "submitted_at"])
    if publication.review_level in {Level.NONE, Level.COORDINATOR}:
        set_review_level(publication, Level.EXPERTS)
    record_act(publication, "assessed", by=by, details={"assessment": assessment.pk})
    emails.queue_answer(assessment)
    return assessment


@transaction.atomic
def decline_assessment(*, assessment: Assessment, reason: str, by: User) -> Assessment:
    """Say no to an invitation, for example because of a conflict of interest; whoever invited is told why.

    Raises:
        PermissionDenied: `by` was not invited.
        ValidationError: no reason, or it is submitted, declined or withdrawn already.
    """
    assessment = _lock_open(assessment, by)
    assessment.decline_reason = clean_reason(reason)
    assessment.declined_at = timezone.now()
    assessment.save(update_fields=["decline_reason", "declined_at"])
    record_act(assessment.publication, "assessment_declined", by=by, details={"assessment": assessment.pk})
    emails.queue_answer(assessment)
    return assessment


@transaction.atomic
def withdraw_invitation(*, assessment: Assessment, by: User) -> Assessment:
    """Ask an expert no longer, before they have answered; they get an e-mail, and may be asked again.

    Raises:
        PermissionDenied: `by` does not look after the publication.
        ValidationError: the expert has answered, or it is withdrawn already.
    """
    assessment = _lock_assessment(assessment)
    if not by.has_perm("editorial.withdraw_assessment", assessment):
        raise PermissionDenied
    if not assessment.is_open:
        raise ValidationError(_("This invitation is answered or withdrawn already."))
    assessment.withdrawn_at = timezone.now()
    assessment.save(update_fields=["withdrawn_at"])
    details = {"assessment": assessment.pk, "expert": assessment.expert_id}
    record_act(assessment.publication, "invitation_withdrawn", by=by, details=details)
    emails.queue_withdrawn(assessment, by)
    return assessment


@transaction.atomic
def recommend_publication(*, publication: Publication, by: User) -> None:
    """Recommend a published text to the network, since experts think highly of it.

    Raises:
        PermissionDenied: `by` does not look after the publication.
        ValidationError: too few experts, or their mean is too low; it is not published, or is recommended already.
    """
    publication = _lock_publication(publication, by)
    if publication.state != Publication.State.PUBLISHED:
        raise ValidationError(_("Only what is published is recommended."))
    if publication.review_level == Level.RECOMMENDED:
        raise ValidationError(_("It is recommended already."))
    counting = list(Assessment.objects.filter(publication=publication).counting())
    mean = overall_mean(counting)
    if mean is None or len(counting) < EXPERTS_NEEDED:
        raise ValidationError(
            _("At least %(needed)d experts must have assessed it. So far: %(count)d.")
            % {"needed": EXPERTS_NEEDED, "count": len(counting)}
        )
    if mean < RECOMMENDED_FROM:
        raise ValidationError(
            _("The mean of the experts’ scores must be %(needed)s or more. It is %(mean)s.")
            % {"needed": RECOMMENDED_FROM, "mean": as_shown(mean)}
        )
    set_review_level(publication, Level.RECOMMENDED)
    record_act(publication, "recommended", by=by, audience=Entry.Audience.MEMBER, details={"mean": str(mean)})


@transaction.atomic
def take_back_recommendation(*, publication: Publication, reason: str, by: User) -> None:
    """Recommend a text no longer; the experts' assessments stay.

    Raises:
        PermissionDenied: `by` does not look after the publication.
        ValidationError: no reason, or it is not recommended.
    """
    publication = _lock_publication(publication, by)
    if publication.review_level != Level.RECOMMENDED:
        raise ValidationError(_("It is not recommended now."))
    reason = clean_reason(reason)
    set_review_level(publication, Level.EXPERTS)  # nothing is recommended that experts have not assessed
    record_act(publication, "not_recommended", by=by, audience=Entry.Audience.MEMBER, details={"reason": reason})


@transaction.atomic
def verify_publication(*, publication: Publication, note: str, by: User) -> None:
    """Say that the main facts were checked against the source; `note` tells readers which and how.

    Raises:
        PermissionDenied: `by` does not look after the publication.
        ValidationError: no note, or it is not published.
    """
    publication = _lock_publication(publication, by)
    if publication.state != Publication.State.PUBLISHED:
        raise ValidationError(_("Only what is published is verified."))
    note = clean_reason(note, field="note")
    set_verified(publication, by)
    record_act(publication, "verified", by=by, audience=Entry.Audience.MEMBER, details={"note": note})


@transaction.atomic
def take_back_verification(*, publication: Publication, reason: str, by: User) -> None:
    """Say that the facts are not verified after all.

    Raises:
        PermissionDenied: `by` does not look after the publication.
        ValidationError: no reason, or it is not verified.
    """
    publication = _lock_publication(publication, by)
    if not publication.verified_at:
        raise ValidationError(_("It is not verified now."))
    reason = clean_reason(reason)
    set_verified(publication, None)
    record_act(publication, "not_verified", by=by, audience=Entry.Audience.MEMBER, details={"reason": reason})


def remind_experts() -> int:
    """Write once to each expert who has not answered for two weeks. Safe at any time and twice.

    Returns:
        How many experts it wrote to.
    """
    with transaction.atomic():
        late = Assessment.objects.open().filter(
            invited_at__lte=timezone.now() - REMIND_AFTER, reminded_at=None, publication__state="published"
        )
        rows = list(late.select_related("expert", "publication").select_for_update(skip_locked=True, of=("self",)))
        for assessment in rows:
            emails.queue_assessment_reminder(assessment)
            assessment.reminded_at = timezone.now()
            assessment.save(update_fields=["reminded_at"])
    return len(rows)


def _fill(assessment: Assessment, answers: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in answers:
            value = answers[name]
            setattr(assessment, name, value.strip() if isinstance(value, str) else value)
    assessment.clean_fields(exclude={field.name for field in assessment._meta.fields} - set(FIELDS))


def _check_whole(assessment: Assessment) -> None:
    problems = {
        code: _("Please choose a number from 0 to 4.") for code in CRITERIA if getattr(assessment, code) is None
    }
    for code in CRITERIA:
        if not getattr(assessment, f"{code}_comment"):
            problems[f"{code}_comment"] = _("Please say in a sentence or two why.")
    if problems:
        raise ValidationError(problems)


def _lock_assessment(assessment: Assessment) -> Assessment:
    locked: Assessment = Assessment.objects.select_for_update(of=("self",)).select_related(
        "expert", "invited_by", "publication__owner_member__office", "publication__owner_office__parent"
    ).get(pk=assessment.pk)  # fmt: skip
    return locked


def _lock_open(assessment: Assessment, by: User) -> Assessment:
    locked = _lock_assessment(assessment)
    if not by.has_perm("editorial.answer_assessment", locked):
        raise PermissionDenied
    if locked.submitted_at:
        raise ValidationError(_("This is submitted and cannot be changed. Ask the coordinator for a new invitation."))
    if locked.declined_at:
        raise ValidationError(_("You have declined this. Ask the coordinator for a new invitation."))
    if locked.withdrawn_at:
        raise ValidationError(_("The coordinator has withdrawn this invitation. You need not answer any more."))
    return locked


def _lock_publication(publication: Publication, by: User) -> Publication:
    locked: Publication = Publication.objects.select_for_update(of=("self",)).select_related(
        "owner_member__office", "owner_office__parent"
    ).get(pk=publication.pk)  # fmt: skip
    if not by.has_perm("editorial.look_after_publication", locked):
        raise PermissionDenied
    return locked
