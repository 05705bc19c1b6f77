"""What this room writes: the yearly question, what came of it, and which links are broken."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from config.outbox.services import queue_message
from config.outbox.suppression import hash_address
from members.accounts.models import User
from practices.library.models import Publication
from practices.upkeep.models import Check, LinkCheck
from practices.upkeep.recipients import people_to_ask, responsible_side
from practices.upkeep.tokens import answer_url


def queue_question(check: Check) -> None:
    """Ask the contact address and the responsible side, one mail an address."""
    for one in people_to_ask(check.publication):
        queue_message(
            kind=QUESTION,
            key=f"{check.pk}:{hash_address(one.address)}",
            to=one.address,
            user=one.user,
            language=one.language,
            payload={"check": check.pk},
        )


def queue_update_wanted(check: Check) -> None:
    """Tell the responsible side that the text needs an update, but not the one who has just said so."""
    others = [one for one in responsible_side(check.publication) if one != check.answered_by]
    _queue_each(others, UPDATE_WANTED, check)


def queue_lapsed(check: Check) -> None:
    """Tell the responsible side that the text is shown as not confirmed from now on."""
    _queue_each(responsible_side(check.publication), LAPSED, check)


def queue_broken_links(publication: Publication, links: list[int]) -> None:
    """Tell the responsible side which links lead nowhere any more."""
    for person in responsible_side(publication):
        queue_message(
            kind=BROKEN_LINKS,
            key=f"{publication.pk}:{timezone.now():%Y%m%dT%H%M%S.%f}:{person.pk}",
            to=person.email,
            user=person,
            language=person.language,
            payload={"publication": publication.pk, "links": links},
        )


def _queue_each(people: Iterable[User], kind: Kind, check: Check) -> None:
    for person in people:
        queue_message(
            kind=kind,
            key=f"{check.pk}:{person.pk}",
            to=person.email,
            user=person,
            language=person.language,
            payload={"check": check.pk},
        )


def _find(message: Message) -> Check | None:
    related = ("publication__owner_member__office", "publication__owner_office__parent")
    return Check.objects.select_related(*related).filter(pk=message.payload["check"]).first()


def _render(message: Message, template: str) -> Rendered | None:
    check = _find(message)
    if check is None:
        return None
    publication = check.publication
    context = {
        "check": check,
        "publication": publication,
        "true_url": answer_url(check, Check.Answer.STILL_TRUE, message.recipient),
        "update_url": answer_url(check, Check.Answer.NEEDS_UPDATE, message.recipient),
        "link": absolute_url(publication.get_absolute_url()),
    }
    return render_email(f"upkeep/{template}", message, context)


def _render_question(message: Message) -> Rendered | None:
    return _render(message, "question")


def _render_lapsed(message: Message) -> Rendered | None:
    return _render(message, "lapsed")


def _render_update_wanted(message: Message) -> Rendered | None:
    return _render(message, "update_wanted")


def _still_asked(message: Message) -> bool:
    """Whether nobody has answered or changed it meanwhile, and it is published."""
    check = _find(message)
    return bool(check and check.is_open)


def _still_outdated(message: Message) -> bool:
    """Whether it has not been confirmed or changed meanwhile, and the reader still writes for its owner."""
    check = _find(message)
    if check is None or check.publication.state != Publication.State.PUBLISHED:
        return False
    unchanged = check.confirmed_at == check.publication.confirmed_at
    return bool(unchanged and message.user and message.user.has_perm("library.change_publication", check.publication))


def _find_broken(message: Message) -> tuple[Publication | None, list[LinkCheck]]:
    """Return the publication, where its page is still up and theirs to change, and which links are still broken."""
    related = ("owner_member__office", "owner_office__parent")
    rows = Publication.objects.published().select_related(*related)
    publication: Publication | None = rows.filter(pk=message.payload["publication"]).first()
    if not (publication and message.user and message.user.has_perm("library.change_publication", publication)):
        return None, []
    links = LinkCheck.objects.broken().filter(publication=publication, pk__in=message.payload["links"])
    return publication, list(links.order_by("pk"))


def _links_still_broken(message: Message) -> bool:
    return bool(_find_broken(message)[1])


def _render_broken_links(message: Message) -> Rendered | None:
    publication, links = _find_broken(message)
    if publication is None or not links:
        return None
    context = {"publication": publication, "links": links, "link": absolute_url(publication.get_absolute_url())}
    return render_email("upkeep/broken_links", message, context)


QUESTION = register(
    Kind(name="upkeep.question", label=gettext_lazy("Still true?"), render=_render_question, still_wanted=_still_asked)
)
LAPSED = register(
    Kind(name="upkeep.lapsed", label=gettext_lazy("Not confirmed"), render=_render_lapsed, still_wanted=_still_outdated)
)
UPDATE_WANTED = register(
    Kind(
        name="upkeep.update_wanted",
        label=gettext_lazy("Update wanted"),
        render=_render_update_wanted,
        still_wanted=_still_outdated,
    )
)
BROKEN_LINKS = register(
    Kind(
        name="upkeep.broken_links",
        label=gettext_lazy("Broken links"),
        render=_render_broken_links,
        still_wanted=_links_still_broken,
    )
)
