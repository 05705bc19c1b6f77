"""What the translations room writes: that a translation waits, and to whoever made it what was decided."""

from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from members.accounts.models import User
from practices.library.queries import authors_to_tell
from practices.translations.models import Translation


def queue_waiting(translation: Translation) -> None:
    """Tell the owner's side that somebody else has translated their text."""
    people = authors_to_tell(translation.publication, None)
    if translation.saved_by in people:
        return
    for person in people:
        _queue(WAITING, translation, person)


def queue_decision(translation: Translation, by: User) -> None:
    """Tell whoever made it that `by` approved it or sent it back; nobody is told what they did themselves."""
    person = translation.saved_by
    if person and person.is_active and person != by:
        _queue(APPROVED if translation.is_approved else SENT_BACK, translation, person)


def _queue(kind: Kind, translation: Translation, person: User) -> None:
    queue_message(
        kind=kind,
        key=f"{translation.pk}:{translation.edition}:{person.pk}",
        to=person.email,
        user=person,
        language=person.language,
        payload={"translation": translation.pk, "edition": translation.edition},
    )


def _find(message: Message) -> Translation | None:
    """Return the translation, unless it has been saved anew since."""
    found: Translation | None = (
        Translation.objects.filter(pk=message.payload["translation"], edition=message.payload["edition"])
        .select_related(
            "publication__owner_member__office", "publication__owner_office__parent", "saved_by", "approved_by",
            "sent_back_by",
        )
        .first()
    )  # fmt: skip
    return found


def _still_waits_for(message: Message) -> bool:
    found = _find(message)
    if found is None or found.is_approved or found.sent_back_at or message.user is None:
        return False
    return message.user.has_perm("translations.approve_translation", found)


def _still_approved(message: Message) -> bool:
    found = _find(message)
    if found is None or not found.is_approved or message.user is None:
        return False
    return message.user.has_perm("translations.view_translation", found)


def _still_sent_back(message: Message) -> bool:
    found = _find(message)
    if found is None or not found.sent_back_at or message.user is None:
        return False
    return message.user.has_perm("translations.translate_publication", found.publication)


def _render(template: str, message: Message) -> Rendered | None:
    found = _find(message)
    if found is None:
        return None
    path = found.get_absolute_url()
    if found.is_approved:
        path = f"{found.publication.get_absolute_url()}?lang={found.language}"
    return render_email(f"translations/{template}", message, {"translation": found, "link": absolute_url(path)})


def _render_waiting(message: Message) -> Rendered | None:
    return _render("waiting", message)


def _render_approved(message: Message) -> Rendered | None:
    return _render("approved", message)


def _render_sent_back(message: Message) -> Rendered | None:
    return _render("sent_back", message)


WAITING = register(
    Kind(
        name="translations.waiting",
        label=gettext_lazy("A translation waits for approval"),
        render=_render_waiting,
        still_wanted=_still_waits_for,
    )
)
APPROVED = register(
    Kind(
        name="translations.approved",
        label=gettext_lazy("Translation approved"),
        render=_render_approved,
        still_wanted=_still_approved,
    )
)
SENT_BACK = register(
    Kind(
        name="translations.sent_back",
        label=gettext_lazy("Translation sent back"),
        render=_render_sent_back,
        still_wanted=_still_sent_back,
    )
)
