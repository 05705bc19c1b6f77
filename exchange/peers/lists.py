"""Kinds of lists of suggestions, and a pair on one."""

from dataclasses import dataclass

from exchange.peers.scoring import Weights
from exchange.peers.sides import Sides


@dataclass(frozen=True)
class Found:
    """A pair that fits: numbers of rows in the two sides, the score, its parts."""

    subject: int
    candidate: int
    score: float
    parts: dict[str, float]


@dataclass(frozen=True)
class Task:
    """One kind of list: for whom, of what."""

    name: str
    subjects: Sides
    candidates: Sides
    target: str  # the column of `Match` that names the candidate
    for_notice: bool
    weights: Weights
