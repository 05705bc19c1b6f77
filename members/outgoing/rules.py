"""Who may look at the mail that Talkoo writes to others: whoever is asked "why did I not get it?"."""

from typing import TYPE_CHECKING

import rules

from config.outbox.models import Message
from members.directory.rules import roles_of
from members.outgoing.queries import messages_visible_to

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User


@rules.predicate
def reads_mail(user: "User | AnonymousUser") -> bool:
    roles = roles_of(user)
    return bool(roles.coordinates) or roles.is_administrator


@rules.predicate
def reads_message(user: "User | AnonymousUser", message: Message | None) -> bool:
    return message is not None and messages_visible_to(user).filter(pk=message.pk).exists()


rules.add_perm("outbox.view_message", reads_message)
rules.add_perm("outbox.send_message_again", reads_message)
rules.add_perm("outbox.open_address", reads_message)
