"""Markdown as plain paragraphs and list items, for paper; and how a long text is cut."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from markdown_it.token import Token

from config.kit.markdown import parse_markdown

# The end of a sentence: with a space behind it, or one of the full-width marks, which need none.
_SENTENCE_END = re.compile(r"[.!?…؟।][\"'”’»)\]]*(?=\s)|[。！？][」』”）]*")
LINE = 60  # characters that a block takes at least, since it begins a line; with less room left it is not begun


@dataclass(frozen=True)
class Block:
    """A paragraph, or with a `mark` an item of a list. `depth` counts lists around it, 0 for none."""

    text: str
    mark: str = ""
    depth: int = 0

    @property
    def weight(self) -> int:
        """The room it takes, in characters."""
        return max(len(self.text), LINE)


def to_blocks(text: str) -> list[Block]:
    """Return `text`, which is Markdown, as blocks. Words in bold and links are shown as plain words."""
    blocks: list[Block] = []
    numbers: list[int | None] = []  # of the lists around, the next number; None for a bullet
    mark = ""
    cells: list[str] | None = None
    for token in parse_markdown(text):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            ordered = token.type == "ordered_list_open"
            numbers.append(int(token.attrGet("start") or 1) if ordered else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            numbers.pop()
        elif token.type == "list_item_open":
            mark = _next_mark(numbers)
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            blocks.append(Block(" · ".join(cells or [])))
            cells = None
        elif token.type in {"inline", "fence", "code_block"}:
            words = one_line(_plain(token.children) if token.type == "inline" else token.content)
            if cells is not None:
                cells.append(words)
            elif words:
                blocks.append(Block(words, mark, len(numbers)))
                mark = ""
    return [block for block in blocks if block.text]


def cut(blocks: list[Block], most: int) -> tuple[list[Block], bool]:
    """Return the blocks that weigh up to `most` characters, and whether something is missing.

    The last one ends with a sentence where there is one, else with a word.
    """
    kept: list[Block] = []
    room = most
    for block in blocks:
        if block.weight <= room:
            kept.append(block)
            room -= block.weight
            continue
        if room >= LINE or not kept:
            kept.append(replace(block, text=_shorten(block.text, room)))
        return kept, True
    return kept, False


def one_line(text: str) -> str:
    """Return `text` with every run of white space as one space: a break of any sort would take a line."""
    return " ".join(text.split())


def _next_mark(numbers: list[int | None]) -> str:
    number = numbers[-1]
    if number is None:
        return "•"
    numbers[-1] = number + 1
    return f"{number}."


def _plain(tokens: Iterable[Token] | None) -> str:
    return "".join(" " if token.type.endswith("break") else token.content for token in tokens or ())


def _shorten(text: str, most: int) -> str:
    head = text[:most]
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, most + 1) if found.end() <= most]
    if ends and ends[-1] >= most // 3:
        return head[: ends[-1]]
    words = head.rpartition(" ")[0]
    return (words if len(words) >= most // 2 else head).rstrip(" ,;:") + " …"
