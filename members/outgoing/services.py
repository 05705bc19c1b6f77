"""What a coordinator does about a message that did not arrive."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.services import record
from config.outbox.kinds import get_kind
from config.outbox.models import Message, Suppression
from config.outbox.services import queue_message
from config.outbox.suppression import lift_suppression
from members.accounts.models import User
from members.outgoing.queries import repeats_of, suppressions_of

BOUNCES = frozenset({"bounce", "bounced", "rejected", "failed"})  # reasons that end when the address works again


@transaction.atomic
def send_again(*, message: Message, by: User) -> Message:
    """Queue once more what `message` says, under a key of its own; whether it is still wanted is asked anew.

    Returns:
        The new message.

    Raises:
        PermissionDenied: `by` may not see it.
        ValidationError: it is on its way still, or again already.
    """
    if not by.has_perm("outbox.send_message_again", message):
        raise PermissionDenied
    message = Message.objects.select_for_update(of=("self",)).select_related("user").get(pk=message.pk)
    try:
        kind = get_kind(message.kind)
    except KeyError as error:
        raise ValidationError(_("Messages of this kind are not written any more.")) from error
    if message.state in Message.OPEN:
        raise ValidationError(_("It is on its way still."))
    before = repeats_of(message)
    if before.filter(state__in=Message.OPEN).exists():
        raise ValidationError(_("It is on its way again already."))
    life = message.expires_at - message.created_at if message.expires_at else None
    again = queue_message(
        kind=kind,
        key=f"again:{message.pk}:{before.count() + 1}",
        to=message.user.email if message.user else message.recipient,
        user=message.user,
        language=message.language,
        payload=message.payload | {"again": message.pk},
        expires_at=timezone.now() + life if life else None,
    )
    if again is None:
        raise ValidationError(_("It is on its way again already."))
    record(verb="sent_again", obj=message, by=by, person=message.user, details={"message": again.pk})
    return again


def is_closed_by_bounces(suppressions: Iterable[Suppression]) -> bool:
    """Whether an address gets no mail only because mail came back; a person's own wish stays."""
    reasons = {one.reason for one in suppressions if one.scope == Suppression.Scope.ALL}
    return bool(reasons) and reasons <= BOUNCES


@transaction.atomic
def open_address(*, message: Message, by: User) -> None:
    """Send to the address of `message` again, which works now.

    Raises:
        PermissionDenied: `by` may not see the message.
        ValidationError: no mail came back from there.
    """
    if not by.has_perm("outbox.open_address", message):
        raise PermissionDenied
    if not is_closed_by_bounces(suppressions_of(message)):
        raise ValidationError(_("No mail came back from this address."))
    lift_suppression(address=message.recipient, scope=Suppression.Scope.ALL)
    record(verb="address_opened", obj=message, by=by, person=message.user)
