"""Who may do what with a connection: the two alone."""

from typing import TYPE_CHECKING

import rules

from members.directory.rules import is_in_network

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from exchange.connections.models import Connection
    from members.accounts.models import User


@rules.predicate
def is_asker(user: "User | AnonymousUser", connection: "Connection | None") -> bool:
    return connection is not None and user.pk is not None and connection.asker_id == user.pk


@rules.predicate
def is_asked(user: "User | AnonymousUser", connection: "Connection | None") -> bool:
    return connection is not None and user.pk is not None and connection.asked_id == user.pk


@rules.predicate
def is_live(_user: "User | AnonymousUser", connection: "Connection | None") -> bool:
    return connection is not None and connection.state in connection.LIVE


rules.add_perm("connections.view_connection", is_in_network & (is_asker | is_asked) & is_live)
rules.add_perm("connections.answer_connection", is_in_network & is_asked)
rules.add_perm("connections.withdraw_connection", is_in_network & is_asker)
rules.add_perm("connections.remove_connection", is_in_network & (is_asker | is_asked))
