"""To whoever looks after a publication from now on."""

from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from members.accounts.models import User
from practices.editorial.emails.telling import stamp, tell
from practices.library.models import Publication


def queue_responsible(publication: Publication, by: User) -> None:
    """Tell the responsible person that `by` made them so; nobody is told what they did themselves."""
    person = publication.responsible
    if person and person != by:
        key = f"{publication.pk}:{stamp(timezone.now())}"  # each time that it is given to them
        tell([person], kind=RESPONSIBLE, key=key, payload={"publication": publication.pk, "by": by.pk})


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
