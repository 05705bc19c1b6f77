"""What somebody typed into the search box, read as they meant it."""

import re
from dataclasses import dataclass

from practices.search.words import fold

LONGEST = 300  # characters of a question that are read
MOST_UNITS = 12
_UNIT = re.compile(
    r"""(?P<minus>(?<!\S)[-−–](?=\S))?(?:["“”„«»](?P<phrase>[^"“”„«»]*)["“”„«»]|(?P<word>[^\s"“”„«»]+))"""
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Unit:
    """A word, or words that stand together.

    Attributes:
        text: as typed.
        exact: it was between quotation marks: this very form, nothing that is like it.
        unwanted: it had a minus: nothing that holds it.
    """

    text: str
    exact: bool = False
    unwanted: bool = False


@dataclass(frozen=True)
class Question:
    """A question taken apart. It asks for nothing where neither words nor characters of any script are in it.

    Attributes:
        text: what was typed, without control characters.
        units: see `Unit`.
        is_cut: there was more than is read.
    """

    text: str
    units: tuple[Unit, ...]
    is_cut: bool

    def __bool__(self) -> bool:
        return bool(self.wanted)

    @property
    def wanted(self) -> list[Unit]:
        return [unit for unit in self.units if not unit.unwanted]

    @property
    def unwanted(self) -> list[Unit]:
        return [unit for unit in self.units if unit.unwanted]

    @property
    def about(self) -> str:
        """What it is about, for a model that reads sentences: everything but the words that are not wanted."""
        return " ".join(unit.text for unit in self.wanted)


def read_question(typed: str) -> Question:
    """Take a question apart; whatever is typed, there is one."""
    text = " ".join(_CONTROL.sub(" ", typed).split())
    units = []
    for match in _UNIT.finditer(text[:LONGEST]):
        found = (match["phrase"] if match["phrase"] is not None else match["word"]).strip()
        if any(one.isalnum() for one in fold(found)):
            units.append(Unit(found, exact=match["phrase"] is not None, unwanted=match["minus"] is not None))
    return Question(text[:LONGEST], tuple(units[:MOST_UNITS]), len(text) > LONGEST or len(units) > MOST_UNITS)
