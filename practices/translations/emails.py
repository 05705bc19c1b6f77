"""What the translations room writes: to those who answer for the original, that a translation waits."""

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from practices.library.queries import authors_to_tell
from practices.translations.models import Translation


def queue_waiting(translation: Translation) -> None:
    """Tell the owner's side that somebody else has translated their text."""
    people = authors_to_tell(translation.publication, None)
    if translation.saved_by in people:
        return
    for person in people:
        queue_message(
            kind=WAITING,
            key=f"{translation.pk}:{translation.edition}:{person.pk}",
            to=person.email,
            user=person,
            language=person.language,
            payload={"translation": translation.pk, "edition": translation.edition},
        )


def _waiting(message: Message) -> Translation | None:
    found: Translation | None = (
        Translation.objects.filter(
            pk=message.payload["translation"], edition=message.payload["edition"], approved_at=None
        )
        .select_related("publication__owner_member__office", "publication__owner_office__parent", "saved_by")
        .first()
    )
    return found


def _still_waits_for(message: Message) -> bool:
    found = _waiting(message)
    return bool(found and message.user and message.user.has_perm("translations.approve_translation", found))


def _render_waiting(message: Message) -> Rendered | None:
    translation = _waiting(message)
    if translation is None:
        return None
    context = {"translation": translation, "link": absolute_url(translation.get_absolute_url())}
    return render_email("translations/waiting", message, context)


WAITING = register(Kind(name="translations.waiting", render=_render_waiting, still_wanted=_still_waits_for))
