"""What the directory writes."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from config.outbox.kinds import Kind, Rendered, register
from config.outbox.models import Message
from config.outbox.rendering import absolute_url, render_email
from members.directory.models import ContactCheck, Invitation
from members.directory.tokens import invitation_token


def render_invitation(message: Message) -> Rendered | None:
    invitation = (
        Invitation.objects.open()
        .select_related("member", "invited_by")
        .filter(pk=message.payload["invitation"])
        .first()
    )
    if invitation is None:
        return None
    path = reverse("directory:invitation_accept", args=[invitation_token(invitation)])
    return render_email("directory/invitation", message, {"invitation": invitation, "link": absolute_url(path)})


INVITATION = register(Kind(name="directory.invitation", label=gettext_lazy("Invitation"), render=render_invitation))


def render_contacts(message: Message) -> Rendered | None:
    rows = ContactCheck.objects.filter(closed_at=None).select_related("contact__member")
    check = rows.filter(pk=message.payload["check"]).first()
    if check is None:
        return None
    member = check.contact.member
    context = {
        "contact": check.contact,
        "member": member,
        "reason": check.get_reason_display(),
        "escalated": message.payload["what"] == "escalated",
        "link": absolute_url(reverse("directory:member_contacts", args=[member.slug])),
    }
    return render_email("directory/contacts", message, context)


CONTACTS = register(
    Kind(name="directory.contacts", label=gettext_lazy("Contacts to be confirmed"), render=render_contacts)
)
