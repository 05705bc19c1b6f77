"""An exchange as it is now, kept from others until the act on it has ended, and what every act asks of it."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from exchange.exchanges.models import Exchange, Party
from exchange.exchanges.querysets import speaks_for
from members.accounts.models import User
from members.directory.rules import roles_of


def lock_exchange(exchange: Exchange, permission: str = "", by: User | None = None) -> tuple[Exchange, frozenset[int]]:
    """Return the exchange as it is now, kept from others until the end, and the members that `by` speaks for.

    Raises:
        PermissionDenied: `by` does not have `permission`.
    """
    found: Exchange = (
        Exchange.objects.select_for_update(of=("self",))
        .select_related("notice", "proposed_by", "thread")
        .get(pk=exchange.pk)
    )  # fmt: skip
    if permission and not (by and by.has_perm(permission, found)):
        raise PermissionDenied
    return found, speaks_for(roles_of(by)) if by else frozenset()


def parties_in(exchange: Exchange) -> list[Party]:
    return list(exchange.parties.taking_part().select_related("member"))


def today_in(exchange: Exchange) -> date:
    """Return which day it is where the exchange is."""
    return timezone.now().astimezone(exchange.zone).date()


def has_begun(exchange: Exchange) -> bool:
    return exchange.starts_on is not None and exchange.starts_on <= today_in(exchange)


class StaleExchangeError(Exception):
    """Somebody changed the plan meanwhile; `exchange` is as it is now. Nothing was written."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(f"edition {exchange.edition} of exchange {exchange.pk} is newer")
        self.exchange = exchange
