"""What is written to applicants and to offices while an application goes its way."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from members.accounts.models import User
from members.joining.models import Application
from members.joining.tokens import mailed_token


def tell_applicant(application: Application, what: str) -> None:
    """Queue what the applicant has to know: started, or the state that was reached."""
    queue_message(
        kind=APPLICANT,
        key=f"{application.pk}:{what}:{application.edition}:{application.decided_at or ''}",
        to=application.applicant_email,
        language=application.language,
        payload={"application": application.pk, "what": what},
    )


def tell_office(application: Application, what: str) -> None:
    """Queue what the coordinators of the application's office have to know: submitted, withdrawn, active."""
    for user in User.objects.filter(
        office_roles__office=application.office_id, office_roles__role="coordinator", is_active=True
    ).order_by("pk"):
        queue_message(
            kind=OFFICE,
            key=f"{application.pk}:{what}:{application.edition}:{application.submitted_at or ''}:{user.pk}",
            to=user.email,
            user=user,
            language=user.language,
            payload={"application": application.pk, "what": what},
        )


def _render_applicant(message: Message) -> Rendered | None:
    application = _application(message)
    if application is None:
        return None
    link = absolute_url(reverse("joining:mailed", args=[mailed_token(application)]))
    context = {"application": application, "what": message.payload["what"], "link": link}
    return render_email("joining/applicant", message, context)


def _render_office(message: Message) -> Rendered | None:
    application = _application(message)
    if application is None:
        return None
    context = {
        "application": application,
        "what": message.payload["what"],
        "link": absolute_url(application.get_absolute_url()),
    }
    return render_email("joining/office", message, context)


def _application(message: Message) -> Application | None:
    rows = Application.objects.select_related("office", "member")
    return rows.filter(pk=message.payload["application"]).first()


APPLICANT = register(Kind(name="joining.applicant", label=gettext_lazy("Application"), render=_render_applicant))
OFFICE = register(Kind(name="joining.office", label=gettext_lazy("Application to an office"), render=_render_office))
