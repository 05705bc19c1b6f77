"""What people type, without what nobody sees."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

# Control characters but tab and line breaks, of which NEL (0x85) is one. NUL stays: forms refuse it beside the field,
# and PostgreSQL keeps none.
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
# In a name or a title also what shows nothing, so that two that look the same are the same, and the marks that turn the
# direction of writing, with which "gpj.exe" reads as "exe.jpg". Joiners stay: Persian and Hindi words need them.
_UNSEEN = re.compile("[\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff]")
_SPACE = re.compile(r"\s+")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols that show nothing


def tidy_line(text: str) -> str:
    """Return what was typed as one line, with one space where there was white space; empty where nothing is seen."""
    words = _SPACE.sub(" ", text)  # some control characters part words
    return tidy_text(_SPACE.sub(" ", _UNSEEN.sub("", _CONTROL.sub("", words))))


def tidy_text(text: str) -> str:
    """Return what was typed with its lines as they are; empty where nothing is seen, NUL but for forms to refuse."""
    clean = _CONTROL.sub("", text).strip()
    return clean if is_visible(clean) or "\x00" in clean else ""


def tidy_values(values: Mapping[str, Any], *, lines: Collection[str], texts: Collection[str]) -> dict[str, Any]:
    """Return values by field, of which some are lines and some are texts."""
    tidy = dict.fromkeys(lines, tidy_line) | dict.fromkeys(texts, tidy_text)
    return {name: tidy[name](value) if name in tidy else value for name, value in values.items()}


def is_visible(text: str) -> bool:
    """Whether there is a letter, a digit or a sign to see."""
    return any(unicodedata.category(one)[0] in "LNPS" and one not in _BLANK for one in text)
