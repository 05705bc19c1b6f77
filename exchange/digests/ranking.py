"""How well a publication fits a reader, and why: a sum of documented terms, without queries.

| term | what it is worth |
|---|---|
| topics the reader follows | 4 · (1 − ½ᵏ) for k topics in common |
| pathways the reader follows | 3 · (1 − ½ᵏ) |
| topics the reader's member works on | 1 · (1 − ½ᵏ) |
| pathways the reader's member works on | ½ · (1 − ½ᵏ) |
| size | 2 for the same population, none from eight times as many or as few people on; on a log scale |
| country | 1½ for the same |
| climate zone | 1 for the same (Köppen–Geiger), ½ for the same main group |
| language | 1 where the reader reads it |
| freshness | 2 for the newest of the window, half as much for every 30 days older |
| evidence | 0 claimed, ⅓ documented, ⅔ verified, 1 taken up elsewhere |
| uptake | ¼ · log₂(1 + members that use it), up to 1 |
| recommended | ½ |

What nobody confirmed in time comes after all the rest. Equal ones come newest first.

Who follows topics or pathways gets what touches one of them, and nothing else; who follows none gets everything. The
terms that depend on the publication alone, on a member alone or on what is followed alone are worked out once a run, as
lists in the order of the candidates, so that a reader costs little more than adding them up.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

HALF_LIFE = timedelta(days=30)
SIMILAR = 2.0  # populations within this factor are called "of about your size"
EVIDENCE = {"claimed": 0.0, "documented": 1 / 3, "verified": 2 / 3, "taken_up": 1.0}
# Reasons in the order in which they are named where two of them weigh the same.
REASONS = ("topic", "pathway", "size", "country", "own_topic", "climate", "language", "uptake", "recommended", "new")
NO = float("-inf")


@dataclass(frozen=True)
class Candidate:
    """A publication of the window, with what ranking needs of it."""

    number: int
    publication: int
    version: int
    owner: tuple[str, int]  # ("member", pk) or ("office", pk)
    at: datetime
    topics: frozenset[str] = frozenset()
    pathways: frozenset[str] = frozenset()
    population: int | None = None
    country: str = ""
    climate: str = ""
    language: str = ""
    evidence: str = "claimed"
    uptake: int = 0
    is_recommended: bool = False
    is_confirmed: bool = True


@dataclass(frozen=True)
class Place:
    """A member as its readers are compared: where it is, and what its own publications are about."""

    population: int | None = None
    country: str = ""
    climates: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    pathways: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Wish:
    """What a reader follows and reads, and the members they belong to."""

    topics: frozenset[str] = frozenset()
    pathways: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    places: tuple[Place, ...] = ()


class Ranking:
    """The candidates of one run, and their scores for one reader after the other."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.candidates = sorted(candidates, key=lambda one: -one.number)
        newest = max((one.at for one in self.candidates), default=None)
        self._own = [_own_worth(one, newest) for one in self.candidates]
        # A run's readers share their wishes and places; the lists are kept as long as the run lasts.
        self._followed = lru_cache(maxsize=2_000)(self._worth_of_following)
        self._at_place = lru_cache(maxsize=4_000)(self._worth_at_place)
        self._read = lru_cache(maxsize=500)(self._worth_of_language)

    def score(self, wish: Wish) -> list[float]:
        """Return the score of each candidate for a reader, in their order; -inf where it is not for them."""
        columns: list[Sequence[float]] = [
            self._own,
            self._followed(wish.topics, wish.pathways),
            self._read(wish.languages),
        ]
        columns += [self._best_of_places(wish.places)] if wish.places else []
        return [sum(values) for values in zip(*columns, strict=True)]

    def _best_of_places(self, places: Sequence[Place]) -> Sequence[float]:
        if len(places) == 1:
            return self._at_place(places[0])
        return [max(values) for values in zip(*map(self._at_place, places), strict=True)]

    def _worth_of_following(self, topics: frozenset[str], pathways: frozenset[str]) -> list[float]:
        if not topics and not pathways:
            return [0.0] * len(self.candidates)
        found = [4 * _overlap(one.topics, topics) + 3 * _overlap(one.pathways, pathways) for one in self.candidates]
        return [worth or NO for worth in found]

    def _worth_at_place(self, place: Place) -> list[float]:
        return [_worth_at(one, place) for one in self.candidates]

    def _worth_of_language(self, languages: frozenset[str]) -> list[float]:
        return [1.0 if one.language in languages else 0.0 for one in self.candidates]


def score_of(candidate: Candidate, wish: Wish, newest: datetime) -> float:
    """Return the score of one candidate as the table above says it; `Ranking` finds the same for all at once."""
    followed = 4 * _overlap(candidate.topics, wish.topics) + 3 * _overlap(candidate.pathways, wish.pathways)
    if (wish.topics or wish.pathways) and not followed:
        return NO
    at_places = [_worth_at(candidate, place) for place in wish.places]
    language = 1.0 if candidate.language in wish.languages else 0.0
    return _own_worth(candidate, newest) + followed + language + max(at_places, default=0.0)


def reason_for(candidate: Candidate, wish: Wish) -> tuple[str, str]:
    """Return the code of what counts most for this reader, and what it is about: a topic or a country for example."""
    terms: list[tuple[float, tuple[str, str]]] = [
        (4 * _overlap(candidate.topics, wish.topics), ("topic", min(candidate.topics & wish.topics, default=""))),
        (
            3 * _overlap(candidate.pathways, wish.pathways),
            ("pathway", min(candidate.pathways & wish.pathways, default="")),
        ),
        (1.0 if candidate.language in wish.languages else 0.0, ("language", candidate.language)),
        (_uptake_worth(candidate.uptake), ("uptake", str(candidate.uptake))),
        (0.5 if candidate.is_recommended else 0.0, ("recommended", "")),
    ]
    for place in wish.places:
        terms += _place_reasons(candidate, place)
    said = [(worth, -REASONS.index(reason[0]), reason) for worth, reason in terms if worth > 0]
    return max(said, default=(0.0, 0, ("new", "")))[2]


def spread(ranked: Sequence[Candidate], most: int, *, per_owner: int = 2) -> list[Candidate]:
    """Choose `most` of the ranked candidates so that no owner fills a digest.

    The best come first, `per_owner` of each owner at most; places that stay empty are filled with the next best.
    """
    had: dict[tuple[str, int], int] = {}
    chosen: list[Candidate] = []
    passed_over: list[Candidate] = []
    for one in ranked:
        if len(chosen) == most:
            return chosen
        if had.get(one.owner, 0) < per_owner:
            had[one.owner] = had.get(one.owner, 0) + 1
            chosen.append(one)
        else:
            passed_over.append(one)
    return chosen + passed_over[: most - len(chosen)]


def _own_worth(candidate: Candidate, newest: datetime | None) -> float:
    """Return the terms that are the same for every reader; what nobody confirmed falls below all that is confirmed."""
    age = (newest - candidate.at) / HALF_LIFE if newest else 0.0
    worth: float = 2 * 0.5 ** max(0.0, age) + EVIDENCE[candidate.evidence] + _uptake_worth(candidate.uptake)
    return worth + (0.5 if candidate.is_recommended else 0.0) - (0.0 if candidate.is_confirmed else 100.0)


def _worth_at(candidate: Candidate, place: Place) -> float:
    """Return what a candidate is worth at a member."""
    worth = 2 * _size_worth(candidate.population, place.population)
    if candidate.country == place.country:
        worth += 1.5
    if place.topics or place.climates:  # a member that has published something
        worth += _climate_worth(candidate.climate, place.climates)
        worth += _overlap(candidate.topics, place.topics) + 0.5 * _overlap(candidate.pathways, place.pathways)
    return worth


def _place_reasons(candidate: Candidate, place: Place) -> list[tuple[float, tuple[str, str]]]:
    """Return what of `_worth_at` is worth naming, term by term."""
    size = _size_worth(candidate.population, place.population)
    return [
        (2 * size if size >= _SIMILAR_WORTH else 0.0, ("size", "")),
        (1.5 if candidate.country == place.country else 0.0, ("country", candidate.country)),
        (1.0 if candidate.climate in place.climates else 0.0, ("climate", candidate.climate)),
        (_overlap(candidate.topics, place.topics), ("own_topic", min(candidate.topics & place.topics, default=""))),
    ]


def _overlap(some: frozenset[str], others: frozenset[str]) -> float:
    """Return 1 − ½ᵏ for k in common: the first counts most."""
    common = len(some & others)
    return 1 - 0.5**common if common else 0.0


def _size_worth(one: int | None, other: int | None) -> float:
    """Return 1 for the same number of people, 0 for eight times as many or as few, on a log scale."""
    if not one or not other:
        return 0.0
    return max(0.0, 1 - abs(math.log2(one / other)) / 3)


_SIMILAR_WORTH = _size_worth(2, 1) - 1e-9


def _climate_worth(zone: str, zones: frozenset[str]) -> float:
    if not zone or not zones:
        return 0.0
    if zone in zones:
        return 1.0
    return 0.5 if zone[0] in {one[0] for one in zones} else 0.0


def _uptake_worth(uptake: int) -> float:
    return min(1.0, math.log2(1 + uptake) / 4)
