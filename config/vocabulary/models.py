"""The network's shared terms: five pathways, twelve topics, seventeen goals, each with a label per language."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import CharField, Value
from django.utils.translation import get_language


class Term(models.Model):
    """A term of a controlled list. `labels` maps a language code to the label in it; English is always there."""

    code = models.SlugField(max_length=40, unique=True)
    position = models.PositiveSmallIntegerField()
    labels: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField()

    class Meta:
        abstract = True
        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return self.label()

    def label(self, language: str | None = None) -> str:
        """Return the label in `language` (default: the active one), in English where there is none."""
        return self.labels.get(language or get_language() or "en") or self.labels["en"]

    @classmethod
    def by_code(cls) -> dict[str, Self]:
        """Return every term of this list by its code, in order."""
        return {term.code: term for term in cls._default_manager.all()}


class Pathway(Term):
    """One of the five ways of sustainable local development."""


class Topic(Term):
    """One of the twelve fields of municipal work."""


class Goal(Term):
    """One of the United Nations' seventeen Sustainable Development Goals; `code` is its number."""


LISTS: dict[str, type[Pathway] | type[Topic] | type[Goal]] = {"pathway": Pathway, "topic": Topic, "goal": Goal}


def read_terms() -> dict[str, dict[str, Term]]:
    """Return the terms of each list by their codes, in order; one query for all three."""
    each = [
        model._default_manager.order_by().values_list(
            Value(name, output_field=CharField()), "position", "pk", "code", "labels"
        )
        for name, model in LISTS.items()
    ]
    found: dict[str, dict[str, Term]] = {name: {} for name in LISTS}
    for name, position, pk, code, labels in each[0].union(*each[1:], all=True).order_by("position"):
        found[name][code] = LISTS[name](pk=pk, code=code, position=position, labels=labels)
    return found
