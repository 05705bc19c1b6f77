"""Persons who were reported: whoever misuses the exchange may write to nobody, until an appeal lifts it."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.outbox.rendering import absolute_url
from exchange.moderation.models import Case, Silence
from exchange.moderation.reportables import Reportable, office_of_person
from members.accounts.models import User
from members.people.seeing import people_visible_to


def check_may_write(user: User) -> None:
    """Refuse whoever may write to nobody for now; every service of the exchange that carries words asks first.

    Raises:
        ValidationError: with what they can do about it.
    """
    if Silence.objects.filter(user=user).exists():
        case = cases_that_silence(user).first()
        text = _("You cannot write to others for now. The reason, and how to appeal, is in the e-mail that you got.")
        if case:
            text = _("You cannot write to others for now. The reason, and how to appeal: %(address)s") % {
                "address": absolute_url(case.get_absolute_url())
            }
        raise ValidationError(text, code="silenced")


def cases_that_silence(user: User) -> QuerySet[Case]:
    """Return the decisions by which `user` may write to nobody, the newest first; none for everybody else."""
    person = ContentType.objects.get_for_model(User)
    rows: QuerySet[Case] = Case.objects.filter(content_type=person, object_id=user.pk, state__in=Case.OUT_OF_SIGHT)
    return rows.order_by("-pk")


def _silence(user: User) -> None:
    Silence.objects.get_or_create(user=user)


def _lift(user: User) -> None:
    Silence.objects.filter(user=user).delete()


def _excerpt(user: User) -> str:
    return "\n".join(filter(None, [user.name, user.job_title, user.ask_me_about]))


PERSON = Reportable(
    name="person",
    model=User,
    label=gettext_lazy("a person"),
    visible_to=people_visible_to,
    author_of=lambda user: user,
    office_of=office_of_person,
    excerpt=_excerpt,
    url_of=lambda user: reverse("people:person_detail", args=[user.pk]),
    hide=_silence,
    restore=_lift,
    hide_label=gettext_lazy("Let them write to nobody"),
)
