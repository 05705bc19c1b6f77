"""To experts that they are invited, and to whoever invited them how they answered."""

from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from members.accounts.models import User
from practices.editorial.emails.telling import tell
from practices.editorial.models import Assessment
from practices.editorial.queries import keepers_of


def queue_invitation(assessment: Assessment) -> None:
    tell([assessment.expert], kind=INVITED, key=str(assessment.pk), payload={"assessment": assessment.pk})


def queue_assessment_reminder(assessment: Assessment) -> None:
    tell([assessment.expert], kind=REMINDER, key=str(assessment.pk), payload={"assessment": assessment.pk})


def queue_answer(assessment: Assessment) -> None:
    """Tell whoever invited the expert, or where they left the office's coordinators, that it is done or declined."""
    person = assessment.invited_by
    still = person and person.is_active and person.has_perm("editorial.view_assessment", assessment)
    people: list[User] = [person] if person and still else keepers_of(assessment.publication)
    tell(people, kind=ANSWERED, key=str(assessment.pk), payload={"assessment": assessment.pk})


def queue_withdrawn(assessment: Assessment, by: User) -> None:
    """Tell the expert that `by` has withdrawn the invitation; nobody is told what they did themselves."""
    if assessment.expert != by:
        payload: dict[str, object] = {"assessment": assessment.pk, "by": by.pk}
        tell([assessment.expert], kind=WITHDRAWN, key=str(assessment.pk), payload=payload)


def _assessment_of(message: Message) -> Assessment | None:
    found: Assessment | None = (
        Assessment.objects.filter(pk=message.payload["assessment"])
        .select_related(
            "expert", "invited_by", "publication__owner_member__office", "publication__owner_office__parent"
        )
        .first()
    )
    return found


def _is_still_asked(message: Message) -> bool:
    assessment = _assessment_of(message)
    may = message.user and assessment and message.user.has_perm("editorial.assess_publication", assessment.publication)
    return bool(may and assessment and assessment.is_open)


def _may_still_read(message: Message) -> bool:
    assessment = _assessment_of(message)
    return bool(assessment and message.user and message.user.has_perm("editorial.view_assessment", assessment))


def _render(template: str, message: Message, **more: object) -> Rendered | None:
    assessment = _assessment_of(message)
    if assessment is None:
        return None
    link = absolute_url(assessment.get_absolute_url())
    context = {"assessment": assessment, "publication": assessment.publication, "link": link} | more
    return render_email(f"editorial/{template}", message, context)


def _render_invited(message: Message) -> Rendered | None:
    return _render("assessment_invited", message)


def _render_reminder(message: Message) -> Rendered | None:
    return _render("assessment_reminder", message)


def _render_answered(message: Message) -> Rendered | None:
    return _render("assessment_answered", message)


def _render_withdrawn(message: Message) -> Rendered | None:
    by = User.objects.filter(pk=message.payload["by"]).first()
    return _render("assessment_withdrawn", message, by=by) if by else None


INVITED = register(
    Kind(
        name="editorial.assessment_invited",
        label=gettext_lazy("Assessment asked for"),
        render=_render_invited,
        still_wanted=_is_still_asked,
    )
)
REMINDER = register(
    Kind(
        name="editorial.assessment_reminder",
        label=gettext_lazy("Reminder of an assessment"),
        render=_render_reminder,
        still_wanted=_is_still_asked,
    )
)
ANSWERED = register(
    Kind(
        name="editorial.assessment_answered",
        label=gettext_lazy("Answer about an assessment"),
        render=_render_answered,
        still_wanted=_may_still_read,
    )
)
WITHDRAWN = register(
    Kind(
        name="editorial.assessment_withdrawn",
        label=gettext_lazy("Assessment withdrawn"),
        render=_render_withdrawn,
        still_wanted=_may_still_read,
    )
)
