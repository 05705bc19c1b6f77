"""Those who take part in an exchange write to each other in a thread of their own, without being connected."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from exchange.conversations.messaging import open_thread
from exchange.conversations.models import Thread
from exchange.exchanges.inviting import people_of
from exchange.exchanges.locking import lock_exchange
from exchange.exchanges.models import Exchange
from members.accounts.models import User

PURPOSE = "exchange"


@transaction.atomic
def open_talk(*, exchange: Exchange, by: User) -> Thread:
    """Return the thread of those who take part; it is opened when somebody asks for it first.

    Raises:
        PermissionDenied: `by` neither speaks for a party nor takes part.
        ValidationError: `by` does not take part.
    """
    exchange, _own = lock_exchange(exchange, "exchanges.work_on_exchange", by)
    people = people_of(exchange)
    if by.pk not in people:
        raise ValidationError(_("Those who take part write to each other. Choose yourself first."))
    if exchange.thread is None:
        exchange.thread = open_thread(people=people.values(), subject=exchange.title, purpose=PURPOSE, by=by)
        exchange.save(update_fields=["thread"])
    return exchange.thread
