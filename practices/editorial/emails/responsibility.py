"""To whoever looks after a publication from now on."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from members.accounts.models import User
from members.directory.models import Member
from practices.editorial.emails.telling import stamp, tell
from practices.library.models import Publication

MOST = 20  # titles in one mail


def queue_responsible(publication: Publication, by: User) -> None:
    """Tell the responsible person that `by` made them so; nobody is told what they did themselves."""
    person = publication.responsible
    if person and person != by:
        key = f"{publication.pk}:{stamp(timezone.now())}"  # each time that it is given to them
        tell([person], kind=RESPONSIBLE, key=key, payload={"publication": publication.pk, "by": by.pk})


def queue_left_to(heir: User, user: User, member: Member, publications: list[int], by: User) -> None:
    """Tell `heir` that they look after what `user`, who leaves, has looked after; not where they did that themselves."""
    if heir != by:
        payload: dict[str, object] = {"user": user.pk, "member": member.pk, "publications": publications}
        tell([heir], kind=LEFT_TO, key=f"{member.pk}:{user.pk}:{stamp(timezone.now())}", payload=payload)


def _render_left_to(message: Message) -> Rendered | None:
    member = Member.objects.filter(pk=message.payload["member"]).first()
    person = User.objects.filter(pk=message.payload["user"]).first()
    texts = Publication.objects.filter(pk__in=message.payload["publications"], responsible=message.user)
    titles = list(texts.order_by("pk").values_list("title", flat=True))
    if member is None or person is None or not titles:
        return None
    context = {
        "member": member,
        "person": person,
        "titles": titles[:MOST],
        "more": max(len(titles) - MOST, 0),
        "link": absolute_url(reverse("editorial:my_work")),
    }
    return render_email("editorial/left_to", message, context)


def _publication_of(message: Message) -> Publication | None:
    related = ("owner_member__office", "owner_office__parent")
    found: Publication | None = (
        Publication.objects.select_related(*related).filter(pk=message.payload["publication"]).first()
    )
    return found


def _is_still_responsible(message: Message) -> bool:
    publication = _publication_of(message)
    if publication is None or message.user is None or publication.responsible_id != message.user.pk:
        return False
    return message.user.has_perm("library.change_publication", publication)


def _render_responsible(message: Message) -> Rendered | None:
    publication = _publication_of(message)
    by = User.objects.filter(pk=message.payload["by"]).first()
    if publication is None or by is None:
        return None
    context = {"publication": publication, "by": by, "link": absolute_url(publication.get_absolute_url())}
    return render_email("editorial/responsible", message, context)


RESPONSIBLE = register(
    Kind(
        name="editorial.responsible",
        label=gettext_lazy("Now responsible for a text"),
        render=_render_responsible,
        still_wanted=_is_still_responsible,
    )
)
LEFT_TO = register(
    Kind(name="editorial.left_to", label=gettext_lazy("Texts of somebody who left"), render=_render_left_to)
)
