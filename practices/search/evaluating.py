"""How well search finds what it should, by questions of which it is known what answers them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from practices.library.models import Publication
from practices.search.questions import read_question
from practices.search.ranking import find

WAYS: dict[str, dict[str, Any]] = {
    "both": {"words": True, "meaning": True},
    "words": {"words": True, "meaning": False},
    "meaning": {"words": False, "meaning": True},
}


@dataclass(frozen=True)
class Judged:
    """A question, the language it is in, and the ids (`import_id`) of every publication that answers it."""

    text: str
    language: str
    relevant: frozenset[str]


class BadQueriesError(Exception):
    """The file cannot be read, or a line is not a question."""


def read_queries(path: Path) -> list[Judged]:
    """Read questions from a JSON Lines file.

    Raises:
        BadQueriesError: with the line that is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadQueriesError(f"{path} cannot be read: {error}") from error
    judged = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                data = json.loads(line)
                judged.append(Judged(str(data["q"]), str(data["language"]), frozenset(map(str, data["relevant"]))))
            except (ValueError, KeyError, TypeError) as error:
                raise BadQueriesError(f"Line {number}: {error!r}") from error
            if not judged[-1].relevant:
                raise BadQueriesError(f"Line {number}: nothing is relevant")
    return judged


def evaluate(queries: Iterable[Judged]) -> dict[str, Any]:
    """Measure how much of what is relevant is among the first 5 and 10, by way of searching.

    A question is cross-language when nothing relevant is in its language. MRR is the mean of 1 / the place of the
    first relevant publication.
    """
    known = {key: (pk, language) for key, pk, language in
             Publication.objects.published().exclude(import_id=None).values_list("import_id", "pk", "language")}  # fmt: skip
    questions = list(queries)
    return {way: _evaluate(questions, known, **how) for way, how in WAYS.items()}


def _evaluate(queries: Iterable[Judged], known: Mapping[str, tuple[int, str]], **how: Any) -> dict[str, Any]:
    groups: dict[str, list[tuple[float, float, float]]] = {"cross_language": [], "same_language": []}
    for one in queries:
        languages = {known[key][1] for key in one.relevant if key in known}
        found = list(find(read_question(one.text), **how).scores)
        places = sorted(
            found.index(known[key][0]) + 1 for key in one.relevant if key in known and known[key][0] in found
        )
        within = [sum(place <= most for place in places) / len(one.relevant) for most in (5, 10)]
        group = "same_language" if one.language in languages else "cross_language"
        groups[group].append((within[0], within[1], 1 / places[0] if places else 0.0))
    return {name: _mean(rows) for name, rows in groups.items()}


def _mean(rows: list[tuple[float, float, float]]) -> dict[str, float | int | None]:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    means = [round(sum(column) / len(column), 3) if column else None for column in columns]
    return dict(zip(("recall@5", "recall@10", "mrr"), means, strict=True)) | {"n": len(rows)}
