"""How well suggestions are those that a coordinator would make, and how evenly they are spread."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exchange.peers.models import Match

CASES = Path(__file__).parent / "data" / "matches.json"
HALVES = ("tuning", "held_out")


def read_cases(path: Path = CASES) -> list[dict[str, Any]]:
    """Return the cases: for an ask or a member, whom a coordinator would propose; see `about` in the file."""
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return cases


def evaluate(cases: Sequence[Mapping[str, Any]], lists: Mapping[str, Sequence[str]], exposed: "Counter[int]",
             members: int) -> dict[str, Any]:  # fmt: skip
    """Measure lists of suggestions.

    Args:
        lists: by the subject of a case, what is suggested, the best first, named as the cases name it.
        exposed: in how many lists each member is, among the first ten.
        members: how many there are, with those in no list.

    Returns:
        For each half and kind: precision@3 (how many of the first three a coordinator would propose too), recall@10
        (how many of those are among the first ten), and n. For all: the Gini coefficient of exposure, 0 where all are
        in as many lists, 1 where one is in all.
    """
    found: dict[str, Any] = {}
    for half in HALVES:
        own = [one for one in cases if one["half"] == half]
        groups = {"all": own} | {kind: [one for one in own if one["kind"] == kind] for kind in ("ask", "member")}
        found[half] = {name: _measure(group, lists) for name, group in groups.items()}
    return found | {"gini": gini([*exposed.values(), *[0] * (members - len(exposed))])}


def _measure(cases: Sequence[Mapping[str, Any]], lists: Mapping[str, Sequence[str]]) -> dict[str, float | int]:
    precision, recall = 0.0, 0.0
    for case in cases:
        right = {f"{one['kind']}:{one['id']}" for one in case["matches"]}
        found = lists.get(f"{case['kind']}:{case['subject']}", [])
        precision += len(right.intersection(found[:3])) / 3
        recall += len(right.intersection(found[:10])) / len(right)
    number = max(1, len(cases))
    return {"precision@3": round(precision / number, 3), "recall@10": round(recall / number, 3), "n": len(cases)}


def gini(values: Sequence[int]) -> float:
    """Return the Gini coefficient of numbers."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return 0.0
    above = sum((2 * place - len(ordered) - 1) * value for place, value in enumerate(ordered, start=1))
    return round(above / (len(ordered) * total), 3)


def read_lists() -> dict[str, list[str]]:
    """Return what is suggested now: of asks, offers and publications in one order; of members, members."""
    rows = Match.objects.order_by("-score", "pk")
    lists: dict[str, list[str]] = {}
    for ask, offer, publication in rows.filter(notice__kind="ask").values_list(
        "notice__import_id", "to_notice__import_id", "to_publication__import_id"
    ):
        lists.setdefault(f"ask:{ask}", []).append(f"offer:{offer}" if offer else f"publication:{publication}")
    for member, peer in rows.filter(to_member__isnull=False).values_list("member__name_en", "to_member__name_en"):
        lists.setdefault(f"member:{member}", []).append(f"member:{peer}")
    return lists


def read_exposure() -> "Counter[int]":
    """Return in how many lists each member is now, itself or by what it has offered, asked or published."""
    exposed: Counter[int] = Counter()
    for owner in ("to_member", "to_notice__member", "to_publication__owner_member"):
        exposed.update(Match.objects.exclude(**{owner: None}).values_list(owner, flat=True))
    return exposed
