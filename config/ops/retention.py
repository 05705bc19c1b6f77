"""What is not kept for ever: rooms register what they delete, and after how many days. Run once a day."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rule:
    """Delete by `forget` what is older than `days`; it returns how much that was, and may run at any time."""

    name: str
    days: int
    forget: Callable[[], int]
    label: str | Promise


_rules: dict[str, Rule] = {}


def register_retention(name: str, days: int, forget: Callable[[], int], *, label: str | Promise = "") -> None:
    """Have `forget` called every day; called from an AppConfig's ready(). People read `label`, else `name`."""
    _rules[name] = Rule(name, days, forget, label or name)


def rules() -> list[Rule]:
    """Return every rule, by name."""
    return [_rules[name] for name in sorted(_rules)]


def keep_retention() -> dict[str, int]:
    """Forget what is too old, each rule in its own transaction: one that fails is logged and stops no other.

    Returns:
        How much each rule has deleted.
    """
    done = {}
    for rule in rules():
        try:
            with transaction.atomic():
                done[rule.name] = rule.forget()
        except Exception:
            logger.exception("The retention of %s failed", rule.name)
    return done
