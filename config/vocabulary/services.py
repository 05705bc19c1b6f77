"""Keeping the terms in the database."""

from typing import Any

from config.vocabulary.models import Goal, Pathway, Term, Topic
from config.vocabulary.terms import GOALS, PATHWAYS, TOPICS


def load_terms(**_signal: Any) -> None:
    """Write the terms every network starts with; run after every migration. Labels a network changed stay."""
    lists: tuple[tuple[type[Term], dict[str, dict[str, str]]], ...] = (
        (Pathway, PATHWAYS),
        (Topic, TOPICS),
        (Goal, GOALS),
    )
    for model, terms in lists:
        known = set(model._default_manager.values_list("code", flat=True))
        for position, (code, labels) in enumerate(terms.items(), start=1):
            if code not in known:
                model._default_manager.create(code=code, position=position, labels=labels)
