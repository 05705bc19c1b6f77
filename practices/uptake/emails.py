"""What this room writes: to the owner's side that somebody takes up their work, back to them what the owner said."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from members.accounts.models import User
from practices.library.queries import authors_to_tell
from practices.uptake.models import Uptake


def queue_waiting(uptake: Uptake) -> None:
    """Ask the owner's side to confirm it."""
    for person in people_to_ask(uptake):
        queue_message(
            kind=WAITING,
            key=f"{uptake.pk}:{uptake.asked_at:%Y%m%dT%H%M%S.%f}:{person.pk}",
            to=person.email,
            user=person,
            language=person.language,
            payload={"uptake": uptake.pk, "asked": uptake.asked_at.isoformat()},
        )


def queue_answer(uptake: Uptake) -> None:
    """Tell whoever recorded it what the owner said."""
    person = uptake.recorded_by
    if person and person.is_active:
        queue_message(
            kind=ANSWER,
            key=f"{uptake.pk}:{uptake.edition}",
            to=person.email,
            user=person,
            language=person.language,
            payload={"uptake": uptake.pk, "confirmed": uptake.confirmed_at is not None},
        )


def people_to_ask(uptake: Uptake) -> list[User]:
    """Return who of the owner's side is written to: nobody who belongs to the member that takes it up."""
    may: Callable[[User], bool] = lambda one: one.has_perm("uptake.confirm_uptake", uptake)  # noqa: E731
    return authors_to_tell(uptake.publication, None, roles=("liaison", "contributor"), may=may)


def _find(message: Message) -> Uptake | None:
    found: Uptake | None = (
        Uptake.objects.filter(pk=message.payload["uptake"])
        .select_related(
            "member", "recorded_by", "confirmed_by", "declined_by", "publication__owner_member__office",
            "publication__owner_office__parent",
        )
        .first()
    )  # fmt: skip
    return found


def _render_waiting(message: Message) -> Rendered | None:
    uptake = _find(message)
    if uptake is None:
        return None
    link = absolute_url(reverse("uptake:uptake_confirm", args=[uptake.pk]))
    return render_email("uptake/waiting", message, {"uptake": uptake, "link": link})


def _still_waits_for(message: Message) -> bool:
    """Whether it is still the question that was asked, and theirs to answer."""
    uptake = _find(message)
    if uptake is None or not uptake.is_waiting or uptake.asked_at.isoformat() != message.payload["asked"]:
        return False
    return bool(message.user and message.user.has_perm("uptake.confirm_uptake", uptake))


def _render_answer(message: Message) -> Rendered | None:
    uptake = _find(message)
    if uptake is None:
        return None
    return render_email("uptake/answer", message, {"uptake": uptake, "link": absolute_url(uptake.get_absolute_url())})


def _still_the_answer(message: Message) -> bool:
    """Whether the owner has not changed their mind, nor the record been changed, and they still write there."""
    uptake = _find(message)
    if uptake is None or (uptake.confirmed_at if message.payload["confirmed"] else uptake.declined_at) is None:
        return False
    return bool(message.user and message.user.has_perm("uptake.change_uptake", uptake))


WAITING = register(
    Kind(
        name="uptake.waiting",
        label=gettext_lazy("Uptake waits for an answer"),
        render=_render_waiting,
        still_wanted=_still_waits_for,
    )
)
ANSWER = register(
    Kind(
        name="uptake.answer",
        label=gettext_lazy("Answer about an uptake"),
        render=_render_answer,
        still_wanted=_still_the_answer,
    )
)
