"""Who else reads a file: rooms above know of work that has files and is not published yet.

Like every rule it has two forms, a condition on the rows of `File` and the question about one file; tests hold them
together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.accounts.models import User
    from practices.library.models import File


@dataclass(frozen=True)
class FileRule:
    """One rule in its two forms."""

    condition: Callable[["User | AnonymousUser"], Q]
    permits: Callable[["User | AnonymousUser", "File"], bool]


_rules: list[FileRule] = []


def register_file_rule(rule: FileRule) -> None:
    """Let an upper room say who else reads a file; called from an AppConfig's ready()."""
    _rules.append(rule)


def read_elsewhere_by(user: "User | AnonymousUser") -> Q:
    """Return the condition on files that `user` reads by what upper rooms say."""
    found = Q(pk__in=[])
    for rule in _rules:
        found |= rule.condition(user)
    return found


def reads_elsewhere(user: "User | AnonymousUser", file: "File") -> bool:
    """Whether `user` reads `file` by what upper rooms say."""
    return any(rule.permits(user, file) for rule in _rules)
