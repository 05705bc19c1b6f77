"""What a revision changes, field by field: words of texts, choices, rows and files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kit.rows import RowsField
from practices.library.content import CHOICES, LISTS, changed_fields, field_names
from practices.library.forms import PublicationForm
from practices.library.models import Publication

_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class FieldDiff:
    """One changed field: its label, and old and new text in one, marked with `del` and `ins`."""

    name: str
    label: str
    html: SafeString


def diff_contents(old: Mapping[str, Any], new: Mapping[str, Any], *, publication: Publication) -> list[FieldDiff]:
    """Return the fields that differ, in the order of the form."""
    kind = publication.kind
    changed = changed_fields(old, new, field_names(kind))
    fields = PublicationForm(new, kind=kind, publication=publication, names=changed, bound=False).fields
    diffs = []
    for name in changed:
        field, before, after = fields[name], old.get(name, ""), new.get(name, "")
        if isinstance(field, RowsField):
            html = diff_rows(field, before, after)
        elif name in LISTS or name in CHOICES:
            html = diff_lists(as_shown(field, before), as_shown(field, after))
        else:
            html = diff_texts("".join(as_shown(field, before)), "".join(as_shown(field, after)))
        diffs.append(FieldDiff(name, str(field.label), html))
    return diffs


def as_shown(field: forms.Field, value: Any) -> list[str]:
    """Return the texts that a reader sees for what a working copy holds: labels for codes, none for nothing."""
    if value is None:
        return [_("not known")]
    values = value if isinstance(value, list) else [value] if value else []
    if isinstance(field, RowsField):
        return [" · ".join(text for _label, text in row_as_shown(field, row)) for row in values]
    labels = {str(code): str(label) for code, label in getattr(field, "choices", [])}
    return [labels.get(str(one), str(one)) for one in values]


def row_as_shown(field: RowsField, row: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (label, text) of what a row says, in the order of its columns."""
    columns = field.make_row().fields
    return [
        (str(column.label), "".join(as_shown(column, row.get(name, ""))))
        for name, column in columns.items()
        if row.get(name)
    ]


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


def diff_rows(field: RowsField, old: Any, new: Any) -> SafeString:
    """Return the rows that went, came or changed, the changed ones with their words marked; a count of the others."""
    if old is None or new is None:
        return diff_lists(as_shown(field, old), as_shown(field, new))
    before, after = ([row_as_shown(field, row) for row in rows or []] for rows in (old, new))
    lines: list[SafeString] = []
    for act, i1, i2, j1, j2 in SequenceMatcher(None, _keys(before), _keys(after), autojunk=False).get_opcodes():
        if act == "equal":
            count = ngettext("%(count)d row as before", "%(count)d rows as before", i2 - i1) % {"count": i2 - i1}
            lines.append(format_html('<li class="meta">{}</li>', count))
            continue
        both = min(i2 - i1, j2 - j1)
        lines += [_changed_row(before[i1 + n], after[j1 + n]) for n in range(both)]
        lines += [format_html("<li><del>{}</del></li>", _line(row)) for row in before[i1 + both : i2]]
        lines += [format_html("<li><ins>{}</ins></li>", _line(row)) for row in after[j1 + both : j2]]
    return format_html('<ul class="diff-rows">{}</ul>', format_html_join("", "{}", ((line,) for line in lines)))


def _changed_row(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> SafeString:
    before, after = dict(old), dict(new)
    cells = [
        (label, diff_texts(before.get(label, ""), after.get(label, ""))) for label in dict.fromkeys([*before, *after])
    ]
    return format_html("<li>{}</li>", format_html_join(" · ", "<span>{}: {}</span>", cells))


def _keys(rows: Sequence[Sequence[tuple[str, str]]]) -> list[tuple[tuple[str, str], ...]]:
    return [tuple(row) for row in rows]


def _line(row: Sequence[tuple[str, str]]) -> str:
    return " · ".join(text for _label, text in row)
