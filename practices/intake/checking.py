"""What a row would make new or change, and what is wrong with it. Nothing here writes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from config.files.tables import Line, Problem
from config.kit.numbers import as_text
from config.kit.tables import nearest
from members.accounts.models import User
from members.directory.models import Member, Office
from practices.editorial.models import Revision
from practices.intake.querysets import members_to_import_for, offices_to_import_for
from practices.library.content import (
    CHOICES,
    LISTS,
    PLACE,
    ROWS,
    Content,
    as_value,
    changed_fields,
    field_names,
    read_content,
    row_columns,
)
from practices.library.fields import NEEDED
from practices.library.forms import PublicationForm, check_storable
from practices.library.models import Publication
from practices.library.tables import OFFICE, TableRow, read_cells, write_row

# Fields that the form checks against each other, so that it needs both.
TOGETHER = ("start_year", "end_year", "cost_amount", "cost_currency", "latitude", "longitude")


@dataclass(frozen=True)
class Judged:
    """What a row comes to: `content` is the whole working copy, None where the row changes nothing or is wrong."""

    line: Line
    problems: list[Problem]
    content: Content | None = None
    publication: Publication | None = None
    owner: Member | Office | None = None
    kind: str = ""
    import_id: str = ""


@dataclass
class Checker:
    """Judges the rows of one table, a chunk at a time; remembers what was there, to find what is there twice.

    Args:
        by: for whom; only what they may import for is found.
        owner: whose all of it is; None where the column `owner` says.
    """

    by: User
    owner: Member | Office | None
    seen: dict[tuple[str, object], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owners: dict[str, Member | Office] = {
            one.slug: one for one in members_to_import_for(self.by).select_related("office")
        } | {f"{OFFICE}{one.slug}": one for one in offices_to_import_for(self.by).select_related("parent")}
        self.members = {one.pk for one in self.owners.values() if isinstance(one, Member)}
        self.offices = {one.pk for one in self.owners.values() if isinstance(one, Office)}

    def judge(self, lines: Iterable[Line]) -> list[Judged]:
        """Return what each row comes to; the same number of queries for any number of rows but for wrong ones."""
        lines = list(lines)
        known = _find(lines)
        return [self._judge(line, known) for line in lines]

    def _judge(self, line: Line, known: "Known") -> Judged:
        problems = list(line.problems)
        if problems:
            return Judged(line, problems)
        number, import_id = line.cells.get("id", "").strip(), line.cells.get("import_id", "").strip()
        publication = known.by_id.get(number) if number else known.by_import_id.get(import_id) if import_id else None
        if publication and not self._is_theirs(publication):
            publication = None
            if not number:
                text = _("This id is taken by a publication of somebody else. Please put your own name before it.")
                return Judged(line, [Problem(line.number, "import_id", text)])
        if number.isdecimal() and publication is None:
            text = _("You have no publication with the number %(number)s.") % {"number": number}
            return Judged(line, [Problem(line.number, "id", text)])
        problems += self._twice(line, "id", publication.pk if publication else "")
        problems += self._twice(line, "import_id", import_id)
        try:
            row = read_cells(line.cells, kind=publication.kind if publication else None)
            judged = self._judge_known(line, row, publication, known) if publication else self._judge_new(line, row)
        except ValidationError as error:
            return Judged(line, problems + _problems(line, error))
        return Judged(line, [*problems, *judged.problems]) if problems else judged

    def _judge_new(self, line: Line, row: TableRow) -> Judged:
        owner = self._owner(row.owner)
        content: Content = dict(row.content)
        if not any(content.get(name) for name in PLACE):
            content |= {name: as_value(getattr(owner, name)) for name in PLACE}
        content["country"] = content.get("country") or owner.country
        content = _checked(content, row.kind)
        return Judged(line, [], content=content, owner=owner, kind=row.kind, import_id=row.import_id)

    def _judge_known(self, line: Line, row: TableRow, publication: Publication, known: "Known") -> Judged:
        self._check_identity(row, publication)
        if publication.version and _says_the_same(row, publication, line.cells):
            return Judged(line, [], publication=publication)
        before = read_content(publication)
        told = {name: value for name, value in row.content.items() if value or "not_known" in line.cells or before.get(name) is not None}  # fmt: skip
        content = before | _checked(before | told, publication.kind, names=told)
        if not changed_fields(before, content, field_names(publication.kind)):
            return Judged(line, [], publication=publication)
        if text := why_not(publication, is_open=publication.pk in known.open):
            raise ValidationError({"id": text})
        owner = publication.owner
        return Judged(line, [], content, publication, owner, publication.kind, publication.import_id or "")

    def _check_identity(self, row: TableRow, publication: Publication) -> None:
        problems = {}
        owner = publication.owner
        slug = f"{OFFICE}{owner.slug}" if isinstance(owner, Office) else owner.slug
        if row.kind and row.kind != publication.kind:
            problems["kind"] = _("It is a %(kind)s, and an import does not change that.") % {"kind": publication.kind}
        if (row.owner and row.owner != slug) or (self.owner and self.owner != owner):
            problems["owner"] = _("It is of “%(owner)s”, and an import does not change that.") % {"owner": slug}
        if row.import_id and row.import_id != publication.import_id:
            problems["import_id"] = _("The import_id of a publication does not change.")
        if problems:
            raise ValidationError(problems)

    def _owner(self, slug: str) -> Member | Office:
        owner = self.owners.get(slug) if slug else self.owner
        if owner and (self.owner is None or self.owner == owner):
            return owner
        if owner:
            text = _("This import is for “%(owner)s”.") % {"owner": self.owner}
        elif slug:
            text = nearest(_("You cannot import for “%(slug)s”.") % {"slug": slug}, slug, self.owners)
        else:
            text = _("Whose is it? Please write the member’s short name, as in the address of its page.")
        raise ValidationError({"owner": text})

    def _is_theirs(self, publication: Publication) -> bool:
        return publication.owner_member_id in self.members or publication.owner_office_id in self.offices

    def _twice(self, line: Line, column: str, value: object) -> list[Problem]:
        if not value:
            return []
        first = self.seen.setdefault((column, value), line.number)
        if first == line.number:
            return []
        text = _("The same publication as in row %(row)d.") if column == "id" else _("The same id as in row %(row)d.")
        return [Problem(line.number, column, text % {"row": first})]


@dataclass(frozen=True)
class Known:
    """The publications that rows name, and which of them have an open revision."""

    by_id: Mapping[str, Publication]
    by_import_id: Mapping[str, Publication]
    open: Collection[int]


def why_not(publication: Publication, *, is_open: bool) -> str:
    """Return why an import cannot revise a publication now; empty where it can."""
    if publication.state == Publication.State.ARCHIVED:
        return _("This publication is archived.")
    return _("Somebody is working on this publication: it has an open revision.") if is_open else ""


def _find(lines: Iterable[Line]) -> Known:
    lines = list(lines)
    numbers = {text for line in lines if (text := line.cells.get("id", "").strip()).isdecimal() and len(text) < 18}
    names = {text for line in lines if (text := line.cells.get("import_id", "").strip())}
    rows = Publication.objects.with_page().prefetch_related("pathways", "topics")
    by_id = {str(one.pk): one for one in rows.filter(pk__in=numbers)}
    by_name = {one.import_id: one for one in rows.filter(import_id__in=names)} if names else {}
    pks = [one.pk for one in (*by_id.values(), *by_name.values())]
    opened = set(Revision.objects.open().filter(publication__in=pks).values_list("publication_id", flat=True))
    return Known(by_id, by_name, opened)


def _says_the_same(row: TableRow, publication: Publication, cells: Mapping[str, str]) -> bool:
    """Whether the row is what an export writes of it: so what was never checked by the form may stay as it is."""
    exported = write_row(publication)
    again = read_cells({name: exported[name] for name in cells if name in exported}, kind=publication.kind)
    return again.content == row.content


def _checked(content: Content, kind: str, *, names: Collection[str] | None = None) -> Content:
    """Return the fields of `content` as they would be read once published, complete and correct.

    Raises:
        ValidationError: by field.
    """
    check_storable(content)
    # What is empty and may be so needs no look; that is most of a row.
    wanted = {*NEEDED, *TOGETHER, *(name for name in names or content if content.get(name))}
    form = PublicationForm(
        content, kind=kind, names=[name for name in field_names(kind) if name in wanted], required=NEEDED
    )
    if not form.is_valid():
        raise ValidationError(
            {name: [_told(form, name, one) for one in errors.as_data()] for name, errors in form.errors.items()}
        )
    return content | {name: _value(form, name) for name in form.cleaned_data if content.get(name)}


def _value(form: PublicationForm, name: str) -> Any:
    """Return a clean value as a working copy holds it."""
    value = form.cleaned_data[name]
    if name in ROWS:
        columns = row_columns(ROWS[name])
        return [{column.name: as_text(column.value_from_object(one.instance)) for column in columns} for one in value]
    if name in LISTS:
        return [term.code for term in value]
    if name in CHOICES:
        return [code for code, _label in form.fields[name].choices if code in value]  # type: ignore[attr-defined]
    return as_value(value)


def _told(form: forms.BaseForm, name: str, error: ValidationError) -> str:
    text = str(next(iter(error.messages)))
    if error.code != "invalid_choice" or name in ROWS:
        return text
    codes = [str(code) for code, _label in form.fields[name].choices if code]  # type: ignore[attr-defined]
    wrong = [code for code in form.data.getlist(name) if code not in codes]  # type: ignore[attr-defined]
    if not wrong:
        return text
    return nearest(_("“%(code)s” is none of the codes.") % {"code": wrong[0]}, wrong[0], codes)


def _problems(line: Line, error: ValidationError) -> list[Problem]:
    if not hasattr(error, "error_dict"):
        return [Problem(line.number, "", text) for text in error.messages]
    found = error.message_dict.items()
    return [Problem(line.number, "" if name == "__all__" else name, text) for name, texts in found for text in texts]
