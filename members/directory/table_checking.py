"""What the rows of a table of members would make new or change, and what is wrong with them. Nothing here writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from config.files.tables import Line, Problem, check_names
from config.kit.tables import guard, nearest, unguard
from members.directory.climate import climate_zone_at
from members.directory.facts import ARRAYS, FACTS, MANY, SEPARATOR, TOLD, read_facts, write_fact
from members.directory.keeping import check_associations, no_office
from members.directory.member_forms import Choices, MemberForm, member_fields
from members.directory.models import Member
from members.directory.queries import RESERVED, choose_office, free_slug
from members.directory.tables import told_facts

TABLE_COLUMNS = ("slug", *FACTS, *TOLD)
NEEDED = ("name", "kind", "country")  # of a new member
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
# Facts that are checked against each other, so that a form needs both.
TOGETHER = (("latitude", "longitude"), ("population", "population_year"))
SEVERAL = {*ARRAYS, *MANY} - {"email_domains"}  # lists, as the form takes them


def check_header(header: list[str]) -> list[tuple[str, str]]:
    """Say what is wrong with the names of the columns, as (column, text)."""
    problems = check_names(header, TABLE_COLUMNS)
    if not problems and "slug" not in header and (missing := [name for name in NEEDED if name not in header]):
        problems.append(("", _("These columns are missing: %(names)s.") % {"names": ", ".join(missing)}))
    return problems


@dataclass
class Judge:
    """Judges the rows of one table; remembers what was there, to find what is there twice.

    Attributes:
        values: clean values of the rows that make something new or change something, by number.
        targets: the members that rows change, by number.
    """

    choices: Choices
    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    targets: dict[int, Member] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = Member.objects.select_related("office", "merged_into").prefetch_related(*MANY)
        self.by_slug = {one.slug: one for one in rows}
        self.by_name = {(one.country, one.name): one for one in self.by_slug.values()}
        self.taken = set(self.by_slug)
        self.fields = member_fields(self.choices, is_plain=True)
        self.seen: dict[object, int] = {}

    def judge(self, lines: Iterable[Line]) -> list[dict[str, Any]]:
        """Return what each row comes to, as JSON holds it.

        Each has `row`, its number; `act`, one of NEW, CHANGED, SAME and REFUSED; `slug` and `name` of the member;
        `changes`, lists of fact, text before and text after; `problems`, lists of column and text.
        """
        return [self._judge(line) for line in lines]

    def _judge(self, line: Line) -> dict[str, Any]:
        cells = {name: _clean(text) for name, text in line.cells.items()}
        member = self.by_slug.get(cells.get("slug", "")) if cells.get("slug") else self._named(cells)
        said: dict[str, Any] = {
            "row": line.number, "act": REFUSED, "slug": member.slug if member else cells.get("slug", ""),
            "name": member.name if member else cells.get("name", ""), "changes": [], "problems": [],
        }  # fmt: skip
        if line.problems:
            return said | {"problems": [[one.column, one.text] for one in line.problems]}
        try:
            self._check_once(line.number, cells, member)
            changes = self._changes(line.number, cells, member) if member else self._facts_of_new(line.number, cells)
        except ValidationError as error:
            return said | {"problems": _told(error)}
        act = (CHANGED if changes else SAME) if member else NEW
        if member is None:
            said["slug"] = self._slug_of_new(cells)
            self.values[line.number]["slug"] = said["slug"]
        return said | {"act": act, "changes": changes}

    def _named(self, cells: Mapping[str, str]) -> Member | None:
        return self.by_name.get((cells.get("country", ""), cells.get("name", "")))

    def _check_once(self, number: int, cells: Mapping[str, str], member: Member | None) -> None:
        key = member.pk if member else cells.get("slug") or (cells.get("country"), cells.get("name"))
        name = (cells.get("country") or (member and member.country), cells.get("name") or (member and member.name))
        for one in (key, name):
            first = self.seen.setdefault(one, number)
            if first != number:
                raise ValidationError(_("The same member as in row %(row)d.") % {"row": first})
        other = self.by_name.get(name)
        if other and other != member:
            text = _("“%(slug)s” has this name and country already.") % {"slug": other.slug}
            raise ValidationError({"name": text})

    def _changes(self, number: int, cells: Mapping[str, str], member: Member) -> list[list[str]]:
        before = {name: _clean(guard(text)) for name, text in read_facts(member).items()}  # as a table has them
        _check_told(cells, member)
        told = {name: text for name, text in cells.items() if name in before}
        if "office" in told and not told["office"]:
            told["office"] = self._office_of(told.get("country") or member.country)
        names = {name for name, text in told.items() if _sorted(name, text) != _sorted(name, before[name])}
        if not names:
            return []
        if member.merged_into:
            raise ValidationError(_("It was merged into “%(slug)s”.") % {"slug": member.merged_into.slug})
        for pair in TOGETHER:
            if names.intersection(pair):
                names.update(pair)
        known = {"languages": member.languages, "associations": [one.slug for one in member.associations.all()]}
        values = self._checked(before | told, names, known)
        check_associations(member.slug, values.get("associations", ()))
        after = {name: _sorted(name, write_fact(value)) for name, value in values.items()}
        changes = [[name, before[name], after[name]] for name in FACTS if name in after and after[name] != _sorted(name, before[name])]  # fmt: skip
        if changes:
            self.values[number] = {name: values[name] for name, _before, _after in changes}
            self.targets[number] = member
        return changes

    def _facts_of_new(self, number: int, cells: Mapping[str, str]) -> list[list[str]]:
        if wrong := {name: _("This is missing.") for name in NEEDED if not cells.get(name)}:
            raise ValidationError(wrong)
        if cells.get("standing", "active") not in {"", "active"} or cells.get("merged_into"):
            raise ValidationError({"standing": _("An import does not say this of a new member.")})
        if slug := cells.get("slug"):
            validate_short_name(slug)
        told = {name: cells.get(name, "") for name in FACTS}
        told["name_en"] = told["name_en"] or told["name"]
        told["is_active"] = told["is_active"] or "yes"
        told["office"] = told["office"] or self._office_of(told["country"])
        values = self._checked(told, FACTS, {})
        values["climate_zone"] = values["climate_zone"] or climate_zone_at(values["latitude"], values["longitude"])
        self.values[number] = values
        return [[name, "", text] for name in FACTS if (text := write_fact(values[name]))]

    def _slug_of_new(self, cells: Mapping[str, str]) -> str:
        slug = cells.get("slug") or free_slug(cells.get("name_en") or cells["name"], taken=self.taken)
        self.taken.add(slug)
        return slug

    def _office_of(self, country: str) -> str:
        office = choose_office(country, self.choices.offices.values())
        if office is None:
            raise ValidationError({"office": no_office()})
        return office.slug

    def _checked(
        self, told: Mapping[str, str], names: Iterable[str], known: Mapping[str, Sequence[str]]
    ) -> dict[str, Any]:
        data = MultiValueDict({name: _split(told[name]) if name in SEVERAL else [told[name]] for name in names})
        own = {name: codes for name, codes in known.items() if name in data and codes}
        made = member_fields(self.choices, names=own, known=own, is_plain=True) if own else {}
        form = MemberForm(data, fields={name: made.get(name) or self.fields[name] for name in FACTS if name in data})
        if not form.is_valid():
            raise ValidationError({name: _in_codes(form, name) for name in form.errors})
        return form.cleaned_data


def validate_short_name(slug: str) -> None:
    """Raise ValidationError unless `slug` can be the short name of a new member."""
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise ValidationError({"slug": error.messages}) from None
    if len(slug) > 120 or slug in RESERVED:
        raise ValidationError({"slug": _("This short name is not possible. Leave it empty, and one is made.")})


def _check_told(cells: Mapping[str, str], member: Member) -> None:
    is_so = told_facts(member)
    wrong = [name for name in TOLD if name in cells and cells[name] != is_so[name]]
    if wrong:
        text = _("An import does not change this. It is: %(value)s.")
        raise ValidationError({name: text % {"value": is_so[name] or "–"} for name in wrong})


def _clean(text: str) -> str:
    return unguard(text.replace("\r\n", "\n").replace("\r", "\n").strip())


def _split(text: str) -> list[str]:
    return [one for part in text.split(SEPARATOR) if (one := part.strip())]


def _sorted(name: str, text: str) -> str:
    """Return a list in one order where order says nothing."""
    return SEPARATOR.join(sorted(set(_split(text)))) if name in MANY or name == "email_domains" else text


def _told(error: ValidationError) -> list[list[str]]:
    by_column = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return [["" if name == "__all__" else name, text] for name, texts in by_column.items() for text in texts]


def _in_codes(form: MemberForm, name: str) -> list[str]:
    """Return the errors of a field; of a choice, which code it is, and the nearest that there is."""
    texts = []
    for error in form.errors[name].as_data():
        codes = [str(code) for code, _label in getattr(form.fields[name], "choices", []) if code]
        wrong = [code for code in form.data.getlist(name) if code not in codes]  # type: ignore[attr-defined]
        if error.code == "invalid_choice" and wrong:
            texts.append(nearest(_("“%(code)s” is none of the codes.") % {"code": wrong[0]}, wrong[0], codes))
        else:
            texts += error.messages
    return texts


def to_json(lines: Iterable[Line]) -> list[Any]:
    """Return rows as JSON holds them."""
    return [[one.number, one.cells, [[each.column, each.text] for each in one.problems]] for one in lines]


def from_json(lines: Iterable[Any]) -> list[Line]:
    """Return what `to_json` was given."""
    return [Line(number, cells, [Problem(number, *each) for each in problems]) for number, cells, problems in lines]
