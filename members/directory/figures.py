"""What upper rooms count of members: each registers a figure, and the pages that compare members show them all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Count = Callable[[Sequence[int]], dict[int, int]]


@dataclass(frozen=True)
class Figure:
    """A number that every member has. `count` gives it by primary key; a member that it leaves out has 0."""

    label: str | Promise
    count: Count
    order: int


_figures: list[Figure] = []


def register_figure(label: str | Promise, count: Count, *, order: int = 0) -> None:
    """Show `count` of members as `label`; called from an AppConfig's ready(). One query at most, for any number.

    Everybody in the network sees the figures, so it may count only what everybody in it may read.
    """
    _figures.append(Figure(label, count, order))
    _figures.sort(key=lambda one: one.order)


def read_figures(members: Sequence[int]) -> list[tuple[str | Promise, dict[int, int]]]:
    """Return the label of each figure, and its number for each of `members`, given by their primary keys."""
    found = []
    for figure in _figures:
        counted = figure.count(members)
        found.append((figure.label, {pk: counted.get(pk, 0) for pk in members}))
    return found
