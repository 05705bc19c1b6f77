"""To the other side of a thread, that somebody wrote."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from members.accounts.models import User
from practices.editorial.emails.telling import tell
from practices.editorial.models import Remark, Revision
from practices.editorial.queries import reviewers_of
from practices.library.queries import authors_to_tell


def queue_remark(remark: Remark) -> None:
    """Tell the other side: the authors, or who reviews it, or where nobody has taken it everybody who may."""
    revision = remark.revision
    if remark.side == Remark.Side.REVIEWER:
        people = authors_to_tell(revision.publication, revision.submitted_by)
    else:
        people = _who_reviews(revision)
    tell((one for one in people if one != remark.by), kind=REMARK, key=str(remark.pk), payload={"remark": remark.pk})


def _who_reviews(revision: Revision) -> list[User]:
    person = revision.reviewer
    if person and person.is_active and person.has_perm("editorial.review_revision", revision):
        return [person]
    return reviewers_of(revision)


def _remark_of(message: Message) -> Remark | None:
    found: Remark | None = (
        Remark.objects.filter(pk=message.payload["remark"])
        .select_related(
            "by", "revision__publication__owner_member__office", "revision__publication__owner_office__parent"
        )
        .first()
    )
    return found


def _may_still_read(message: Message) -> bool:
    remark = _remark_of(message)
    return bool(remark and message.user and message.user.has_perm("editorial.view_remark", remark))


def _render_remark(message: Message) -> Rendered | None:
    remark = _remark_of(message)
    if remark is None:
        return None
    name = "revision_review" if remark.side == Remark.Side.AUTHOR else "revision_edit"
    link = absolute_url(reverse(f"editorial:{name}", args=[remark.revision_id]))
    context = {"remark": remark, "revision": remark.revision, "link": f"{link}#thread"}
    return render_email("editorial/remark", message, context)


REMARK = register(
    Kind(
        name="editorial.remark",
        label=gettext_lazy("Remark on a text"),
        render=_render_remark,
        still_wanted=_may_still_read,
    )
)
