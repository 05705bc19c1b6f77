"""How well two fit, and of what that is made. Worked out for many at once, by columns.

A score is between 0 and 1: what both are about, times how alike their circumstances are,

    score = about · (1 − c + c · circumstances)

where `about` and `circumstances` are weighted means of the parts below, and c says how much circumstances count.

| part | worth 1 | worth 0 |
|---|---|---|
| meaning | the texts say the same, in whatever languages (cosine of their vectors from `FULL` on), or both are about the same publication | cosine up to `NONE` |
| topics | all in common (Dice: twice the common ones by those of both) | none in common |
| pathways | the same measure | |
| size | the same population | eight times as many or few, on a log scale |
| climate | the same zone (Köppen–Geiger); ½ the same main group | another group |
| place | next door; half for the same part of the world, then by distance (half of the rest at 1,000 km) | far away |
| language | a language in common to work in | none |
| level | the same level of government | another |
| format | a format in common | none |
| availability | their periods overlap | they do not |
| uptake | others use what they did (three members or more); between members: both use the same, or the other's | |

What is not known is worth ½; of who has written nothing it is known that texts and topics have nothing in common.
An ask about what somebody has published is put to them: that is worth 1, whatever their circumstances. What somebody
was not happy with ("not for us") counts more for their member from then on: each refusal for a reason adds half of its
part's weight, four times at most.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from exchange.peers.sides import ALL, GROUPS, Column, Sides

NONE, FULL = 0.1, 0.5  # cosines: texts in unlike languages on the same matter reach about 0.5
CROWD = 0.25  # cosine: so much more alike than its neighbours are is worth 1, so much less 0
HALF_FAR = 1_000.0  # km
EARTH = 6_371.0  # km
ABOUT = ("meaning", "topics", "pathways")


@dataclass(frozen=True)
class Weights:
    """What the parts weigh for one kind of match; `circumstances` is c above."""

    parts: Mapping[str, float]
    circumstances: float = 0.5
    least: float = 0.25  # what a score must reach to be shown
    more: Mapping[int, Mapping[str, float]] = field(default_factory=dict)  # by member: factors of their parts


FIT = Weights(
    {"meaning": 5, "topics": 5, "pathways": 2,
     "size": 1, "climate": 1, "place": 1, "language": 2, "level": 0.5, "format": 1, "availability": 1, "uptake": 0.5},
    circumstances=0.3,
)  # fmt: skip
ALIKE = Weights(
    {"meaning": 8, "topics": 3, "pathways": 1,
     "size": 3, "climate": 2, "place": 2, "language": 1, "level": 1, "uptake": 0.5},
    circumstances=0.7, least=0.1,
)  # fmt: skip


def score(
    subjects: Sides, candidates: Sides, weights: Weights, *, known: Column | None = None
) -> tuple[Column, dict[str, Column]]:
    """Return the scores and their parts, each of shape (len(subjects), len(candidates)).

    Args:
        known: pairs that know each other by uptake, where that is what `uptake` means; else it is the candidate's.
    """
    asked = is_asked(subjects, candidates)
    parts = {
        "meaning": np.where(asked, np.float32(1), _meaning(subjects, candidates)),
        "topics": _dice(subjects.topics, candidates.topics),
        "pathways": _unless_unknown(_dice, subjects.pathways, candidates.pathways),
        "size": _size(subjects, candidates),
        "climate": _climate(subjects, candidates),
        "place": _place(subjects, candidates),
        "language": _unless_unknown(_common, subjects.languages, candidates.languages),
        "level": _same(subjects.level, candidates.level),
        "format": _unless_unknown(_common, subjects.formats, candidates.formats),
        "availability": _availability(subjects, candidates),
        "uptake": np.broadcast_to(candidates.uptake, (len(subjects), len(candidates))) if known is None else known,
    }
    parts = {name: values for name, values in parts.items() if name in weights.parts}
    factors = _factors(subjects, weights)
    about = _mean(parts, factors, [name for name in parts if name in ABOUT])
    around = _mean(parts, factors, [name for name in parts if name not in ABOUT])
    total = about * (1 - weights.circumstances + weights.circumstances * around)
    return np.where(asked, np.float32(1), total), parts


def is_asked(subjects: Sides, candidates: Sides) -> Column:
    """Return where one is an ask about what the other, or its owner, has published; shape (n, m)."""
    found: Column = _puts_to(subjects, candidates) | _puts_to(candidates, subjects).T
    return found


def _puts_to(asks: Sides, others: Sides) -> Column:
    theirs = (asks.asked[:, None] == others.members[None, :]) & (asks.asked[:, None] > 0)
    found: Column = theirs & ((asks.about[:, None] == others.about[None, :]) | (others.about[None, :] == ALL))
    return found


def rough(subjects: Sides, candidates: Sides) -> Column:
    """Return what the texts and topics have in common, quickly: enough to leave out what has nothing."""
    common = subjects.meaning @ candidates.meaning.T
    common += 0.1 * (subjects.topics @ candidates.topics.T)
    return common


def _factors(subjects: Sides, weights: Weights) -> dict[str, Column]:
    """Return the weight of each part for each subject, shape (n, 1)."""
    found = {name: np.full((len(subjects), 1), weight, np.float32) for name, weight in weights.parts.items()}
    if weights.more:
        for row, member in enumerate(subjects.members):
            for name, factor in weights.more.get(int(member), {}).items():
                if name in found:
                    found[name][row] *= factor
    return found


def _mean(parts: Mapping[str, Column], factors: Mapping[str, Column], names: list[str]) -> Column:
    total = sum(factors[name] for name in names)
    found: Column = sum(parts[name] * (factors[name] / total) for name in names)  # type: ignore[assignment]
    return found


def _meaning(subjects: Sides, candidates: Sides) -> Column:
    """Return how alike the texts are; of members, the most alike text of theirs, unless both are members."""
    if subjects.crowd is not None and candidates.crowd is not None:
        return _beyond_crowd(subjects, candidates)
    if subjects.works is None and candidates.works is not None:
        cosine = _best_work(subjects.meaning, candidates)
    elif subjects.works is not None and candidates.works is None:
        cosine = _best_work(candidates.meaning, subjects).T
    else:
        cosine = subjects.meaning @ candidates.meaning.T
    found: Column = np.clip((cosine - NONE) / (FULL - NONE), 0, 1)
    same = (subjects.about[:, None] == candidates.about[None, :]) & (subjects.about[:, None] > 0)
    return np.where(same, np.float32(1), found)


def _beyond_crowd(subjects: Sides, candidates: Sides) -> Column:
    """Return how much more alike two are than each and its neighbours: ½ as much.

    Some are near to everybody and would be on every list: cross-domain similarity local scaling takes that out
    (Conneau and others 2018, "Word Translation Without Parallel Data").
    """
    alike = subjects.meaning @ candidates.meaning.T
    usual = (subjects.crowd[:, None] + candidates.crowd[None, :]) / 2  # type: ignore[index]
    found: Column = np.clip((alike - usual) / (2 * CROWD) + 0.5, 0, 1)
    return found


def _best_work(meanings: Column, members: Sides) -> Column:
    """Return the cosine of each meaning and the most alike work of each member, shape (len(meanings), len(members))."""
    best = meanings @ members.meaning.T
    if members.works is None or members.work_of is None or not len(members.works):
        return best
    starts = np.flatnonzero(np.r_[True, np.diff(members.work_of) > 0])
    for at in range(0, len(meanings), 64):
        some = slice(at, at + 64)
        found = np.maximum.reduceat(meanings[some] @ members.works.T, starts, axis=1)
        rows = members.work_of[starts]
        best[some, rows] = np.maximum(best[some, rows], found)
    return best


def _dice(ours: Column, theirs: Column) -> Column:
    total = ours.sum(1)[:, None] + theirs.sum(1)[None, :]
    found: Column = 2 * (ours @ theirs.T) / np.maximum(total, 1)
    return found


def _common(ours: Column, theirs: Column) -> Column:
    found: Column = ((ours @ theirs.T) > 0).astype(np.float32)
    return found


def _unless_unknown(part: Callable[[Column, Column], Column], ours: Column, theirs: Column) -> Column:
    """Return a part that is ½ where either side says nothing."""
    found = part(ours, theirs)
    found[~ours.any(1)] = 0.5
    found[:, ~theirs.any(1)] = 0.5
    return found


def _size(subjects: Sides, candidates: Sides) -> Column:
    return _or_half(np.clip(1 - np.abs(subjects.size[:, None] - candidates.size[None, :]) / 3, 0, 1))


def _climate(subjects: Sides, candidates: Sides) -> Column:
    ours, theirs = subjects.zone[:, None], candidates.zone[None, :]
    same_group = GROUPS[ours] == GROUPS[theirs]
    found = np.where(ours == theirs, 1.0, np.where(same_group, 0.5, 0.0)).astype(np.float32)
    return np.where((ours < 0) | (theirs < 0), np.float32(0.5), found)


def _place(subjects: Sides, candidates: Sides) -> Column:
    near = HALF_FAR / (HALF_FAR + distance(subjects.point, candidates.point))
    ours, theirs = subjects.region[:, None], candidates.region[None, :]
    found: Column = 0.5 * ((ours == theirs) & (ours >= 0)) + 0.5 * _or_half(near)
    return found


def distance(ours: Column, theirs: Column) -> Column:
    """Return kilometres along the earth between points on the unit sphere; NaN where either is not known."""
    found: Column = np.arccos(np.clip(ours @ theirs.T, -1, 1)) * EARTH
    return found


def _same(ours: Column, theirs: Column) -> Column:
    a, b = ours[:, None], theirs[None, :]
    return np.where((a < 0) | (b < 0), np.float32(0.5), (a == b).astype(np.float32))


def _availability(subjects: Sides, candidates: Sides) -> Column:
    first = np.maximum(subjects.begins[:, None], candidates.begins[None, :])
    last = np.minimum(subjects.ends[:, None], candidates.ends[None, :])
    return (first <= last).astype(np.float32)


def _or_half(values: Column) -> Column:
    return np.nan_to_num(values, nan=0.5).astype(np.float32)
