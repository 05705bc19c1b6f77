"""Publications from a JSON Lines file. All lines are checked before anything is written."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from config.kit.countries import country_choices
from config.kit.numbers import as_text
from members.directory.climate import climate_zone_at
from members.directory.models import Member, Office, level_of_kind
from members.directory.queries import NEAREST, choose_office, free_slug
from practices.library.content import CHOICES, COLUMNS, PLACE, ROWS, Content, field_names
from practices.library.fields import NEEDED
from practices.library.forms import PublicationForm
from practices.library.models import Publication
from practices.library.services import make_publication, publish_content

# An entry of a file has a source instead of a contact, and perhaps no results yet.
REQUIRED = tuple(name for name in NEEDED if name not in {"country", "contact_email", "start_year", "results"})
MOST_CHARACTERS = 500_000  # of one line
MEMBER = ("kind", "name", "name_en", "country", "lat", "lon", "population", "population_year")
# Where a file has what a working copy calls otherwise.
PLACES = {
    "goals": "sdgs", "cost_amount": "cost.amount", "cost_currency": "cost.currency", "cost_note": "cost.note",
    "source_title": "source.title", "source_url": "source.url",
}  # fmt: skip
NO_TEXT = "not a text or a number"


class MemberForm(forms.ModelForm[Member]):
    """Checks the `member` of an entry."""

    class Meta:
        model = Member
        fields = ("kind", "name", "name_en", "country", "latitude", "longitude", "population", "population_year")

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"]
        if country not in dict(country_choices()):
            raise ValidationError("not a country's code (ISO 3166-1 alpha-2)")
        return country


class EntryForm(forms.Form):
    """Checks what an entry says about itself."""

    id = forms.SlugField(max_length=120)
    kind = forms.ChoiceField(choices=Publication.Kind.choices)


@dataclass(frozen=True)
class Entry:
    """One checked line."""

    line: int
    import_id: str
    kind: str
    member: Mapping[str, Any]
    content: Content
    cleaned: Mapping[str, Any]
    editorial: list[str]
    verified: bool


class BadFileError(Exception):
    """`problems` holds one text a problem, each naming its line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_entries(lines: Iterable[bytes]) -> list[Entry]:
    """Check every line.

    Raises:
        BadFileError: with every problem of every line.
    """
    entries, problems, seen = [], [], dict[str, int]()
    with override("en"):
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                entry = _read_entry(number, line)
            except ValidationError as error:
                problems += [f"Line {number}: {problem}" for problem in _describe(error)]
                continue
            if entry.import_id in seen:
                problems.append(f"Line {number}: id: the same as in line {seen[entry.import_id]}")
            seen.setdefault(entry.import_id, number)
            entries.append(entry)
    if problems:
        raise BadFileError(problems)
    return entries


def load_file(path: Path) -> tuple[int, int]:
    """Publish the entries of a JSON Lines file.

    Returns:
        How many were published, and how many were there already.

    Raises:
        BadFileError: it cannot be read, or a line is not as it should be; then nothing was written.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFileError([f"{path} cannot be read: {error}"]) from error
    return load_entries(read_entries(data.removeprefix(BOM_UTF8).split(b"\n")))


@transaction.atomic
def load_entries(entries: Iterable[Entry]) -> tuple[int, int]:
    """Publish the entries that are not there yet; an entry with a known id stays as people have made it.

    Returns:
        How many were published, and how many were there already.

    Raises:
        BadFileError: the network has no office yet.
    """
    offices = list(Office.objects.all())
    if not offices:
        raise BadFileError(["The network has no office yet, and a member belongs to one."])
    known = set(Publication.objects.exclude(import_id=None).values_list("import_id", flat=True))
    new = there = 0
    for entry in entries:
        if entry.import_id in known:
            there += 1
            continue
        publication = make_publication(
            kind=entry.kind,
            owner=_find_member(entry.member, offices),
            language=entry.cleaned["language"],
            title=entry.cleaned["title"],
            by=None,
            import_id=entry.import_id,
            is_demonstration=True,
            editorial_fields=entry.editorial,
            # Whoever wrote the entry has read its main facts at the source.
            verified_at=timezone.now() if entry.verified else None,
        )
        publish_content(publication=publication, cleaned=entry.cleaned, content=entry.content, by=None)
        new += 1
    return new, there


def _read_entry(number: int, line: bytes) -> Entry:
    data = _read_object(line)
    place = data["member"]
    kind = str(data.get("kind", ""))
    own = EntryForm({"kind": kind, "id": data.get("id")})
    # One that is there already is checked as itself, else the form would call it a second one of that name.
    known = Member.objects.filter(country=str(place.get("country")), name=str(place.get("name")).strip()).first()
    member = MemberForm({**place, "latitude": place.get("lat"), "longitude": place.get("lon")}, instance=known)
    problems = {f"member.{name}": [NO_TEXT] for name, value in place.items() if name in MEMBER and not _is_text(value)}
    _collect(problems, own)
    _collect(problems, member, rename={"latitude": "lat", "longitude": "lon"}, prefix="member.")
    if "kind" in problems or not kind:
        raise ValidationError(problems)
    content = _read_content(data, problems)
    editorial = [str(name) for name in _list(data, "editorial", problems)]
    names = [name for name in field_names(kind) if name not in PLACE]  # the place is the member's
    form = PublicationForm(content, kind=kind, names=names, required=REQUIRED)
    _collect(problems, form, rename=PLACES)
    if problems:
        raise ValidationError(problems)
    return Entry(
        number,
        str(data["id"]),
        kind,
        member.cleaned_data,
        content,
        form.cleaned_data,
        editorial,
        data.get("verified") is True,
    )


def _read_object(line: bytes) -> dict[str, Any]:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise ValidationError(f"not UTF-8: {error.reason} at byte {error.start + 1}") from None
    if len(text) > MOST_CHARACTERS:
        raise ValidationError(f"longer than {MOST_CHARACTERS} characters")
    try:
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValidationError("half a character (a lone surrogate)") from None
    except (ValueError, RecursionError) as error:
        raise ValidationError(f"not JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("member"), dict):
        raise ValidationError("not an object with a member")
    if "\\u0000" in text:
        raise ValidationError("a NUL character")
    return data


def _read_content(data: Mapping[str, Any], problems: dict[str, list[str]]) -> Content:
    cost, source = _object(data, "cost", problems), _object(data, "source", problems)
    texts = set(COLUMNS) - set(PLACE) - set(CHOICES)
    content: Content = {name: _text(data.get(name), name, problems) for name in (*texts, "seeking")}
    for name, key in (("pathways", "pathways"), ("topics", "topics"), ("goals", "sdgs")):
        content[name] = [str(code) for code in _list(data, key, problems)]
    for name, place in PLACES.items():
        group, _, key = place.partition(".")
        if key:
            content[name] = _text({"cost": cost, "source": source}[group].get(key), place, problems)
    if not content["cost_amount"]:
        content["cost_currency"] = ""
    rows = {name: _list(data, name, problems) for name in ("indicators", "funding")}
    for name, found in rows.items():
        if not all(isinstance(row, dict) for row in found):
            problems[name] = ["not a list of objects"]
    rows["partners"] = [{"name": name} for name in _list(data, "partners", problems)]
    for name, found in rows.items():
        content[name] = [
            {key: _text(value, f"{name}.{number}.{key}", problems) for key, value in row.items()}
            for number, row in enumerate(found, start=1)
            if isinstance(row, dict)
        ]
    return content


def _is_text(value: object) -> bool:
    """Whether a working copy can hold it: a text, a number, or nothing."""
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _text(value: object, name: str, problems: dict[str, list[str]]) -> str:
    if _is_text(value):
        return as_text(value)
    problems[name] = [NO_TEXT]
    return ""


def _object(data: Mapping[str, Any], key: str, problems: dict[str, list[str]]) -> Mapping[str, Any]:
    value = data.get(key) or {}
    if not isinstance(value, dict):
        problems[key] = ["not an object"]
        return {}
    return value


def _list(data: Mapping[str, Any], key: str, problems: dict[str, list[str]]) -> list[Any]:
    value = data.get(key) or []
    if not isinstance(value, list):
        problems[key] = ["not a list"]
        return []
    return value


def _collect(
    problems: dict[str, list[str]], form: forms.BaseForm, *, rename: Mapping[str, str] | None = None, prefix: str = ""
) -> None:
    for name, errors in form.errors.as_data().items():
        known = prefix + (rename or {}).get(name, name)
        for error in errors:
            in_row = name in ROWS and isinstance(error.params, dict)
            texts = [str(error.params["text"])] if in_row else list(error.messages)  # type: ignore[index]
            problems.setdefault(f"{known}.{error.code}" if in_row else known, texts)


def _describe(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [f"{name}: {text}" for name, texts in error.message_dict.items() for text in texts]


def _find_member(facts: Mapping[str, Any], offices: list[Office]) -> Member:
    member = Member.objects.filter(country=facts["country"], name=facts["name"]).first()
    if member is None:
        member = Member(
            **facts,
            slug=free_slug(facts["name_en"]),
            office=office_for(facts["country"], offices),
            climate_zone=climate_zone_at(facts["latitude"], facts["longitude"]),
            government_level=level_of_kind(facts["kind"]),
        )
        member.full_clean()
        member.save()
    return member


def office_for(country: str, offices: Iterable[Office]) -> Office:
    """Return the office that looks after a country, and some office where none does."""
    offices = list(offices)
    return choose_office(country, offices) or min(offices, key=lambda one: NEAREST.index(Office.Kind(one.kind)))
