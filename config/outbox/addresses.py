"""Which addresses mail does not reach."""

from collections.abc import Collection

from config.outbox.models import Message, Suppression
from config.outbox.suppression import suppressed_scopes


def dead_addresses(addresses: Collection[str]) -> set[str]:
    """Return those that get no mail: refused for good the last time, or suppressed for everything; two queries.

    An address that has only left the digests is well. A message that we could not write says nothing of its address.
    """
    wanted = {one for one in addresses if one}
    if not wanted:
        return set()
    known = {
        address.casefold() for address, scopes in suppressed_scopes(wanted).items() if Suppression.Scope.ALL in scopes
    }
    tried = Message.objects.filter(
        recipient__in={*wanted, *(one.lower() for one in wanted)},
        state__in=[Message.State.SENT, Message.State.FAILED],
        attempts__gt=0,
    )
    last: dict[str, tuple[int, str]] = {}
    for recipient, pk, state in (
        tried.order_by("recipient", "-pk").distinct("recipient").values_list("recipient", "pk", "state")
    ):
        last[recipient.casefold()] = max(last.get(recipient.casefold(), (0, "")), (pk, state))
    known |= {address for address, (_pk, state) in last.items() if state == Message.State.FAILED}
    return {one for one in wanted if one.casefold() in known}
