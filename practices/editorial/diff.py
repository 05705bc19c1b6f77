"""What a revision changes, field by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from practices.library.content import LISTS, changed_fields, field_names
from practices.library.forms import PublicationForm

_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class FieldDiff:
    """One changed field: its label, and old and new text in one, marked with `del` and `ins`."""

    name: str
    label: str
    html: SafeString


def diff_contents(old: Mapping[str, Any], new: Mapping[str, Any], *, kind: str) -> list[FieldDiff]:
    """Return the fields that differ, in the order of the form."""
    changed = changed_fields(old, new, field_names(kind))
    fields = PublicationForm(new, kind=kind, names=changed, bound=False).fields
    diffs = []
    for name in changed:
        before, after = (as_shown(fields[name], content.get(name)) for content in (old, new))
        html = diff_lists(before, after) if name in LISTS else diff_texts("".join(before), "".join(after))
        diffs.append(FieldDiff(name, str(fields[name].label), html))
    return diffs


def as_shown(field: forms.Field, value: object) -> list[str]:
    """Return the texts that a reader sees for what a working copy holds: labels for codes, none for nothing."""
    values = value if isinstance(value, list) else [value] if value else []
    labels = {str(code): str(label) for code, label in getattr(field, "choices", [])}
    return [labels.get(str(one), str(one)) for one in values]


def diff_texts(old: str, new: str) -> SafeString:
    """Return both texts in one, word by word. Spaces and very frequent words are no anchors, which would be slow."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces = []
    for act, i1, i2, j1, j2 in SequenceMatcher(str.isspace, before, after).get_opcodes():
        if act == "equal":
            pieces.append(format_html("{}", "".join(before[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(format_html("<del>{}</del>", "".join(before[i1:i2])))
        if j1 < j2:
            pieces.append(format_html("<ins>{}</ins>", "".join(after[j1:j2])))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def diff_lists(old: list[str], new: list[str]) -> SafeString:
    """Return what both lists have, with what went and what came marked."""
    gone = [("del", one) for one in old if one not in new]
    rest = [("ins" if one not in old else "span", one) for one in new]
    return format_html_join(" · ", "<{0}>{1}</{0}>", [*gone, *rest])
