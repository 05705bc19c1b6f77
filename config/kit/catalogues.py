"""Translations without system tools: Babel finds the strings, keeps the .po files and compiles the .mo files."""

import gettext
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

FOLDERS = ("config", "members", "practices", "exchange", "templates")
LANGUAGES = ("fi", "mk")
# Files of libraries whose strings our pages show: we translate what the library itself does not.
LIBRARIES = {
    "allauth": ("account/adapter.py", "account/fields.py", "account/forms.py", "mfa/adapter.py"),
    "django": (
        "contrib/auth/password_validation.py", "core/validators.py", "forms/fields.py", "forms/models.py",
        "utils/timesince.py",
    ),
}  # fmt: skip
# Ways to sign in and kinds of field that Talkoo does not have.
NOT_SHOWN = re.compile(
    r"username|phone|IPv|%\(protocol\)|slug|domain name|JSON|inline|duplicate|^, $",
    re.IGNORECASE,
)
# Function names and which of their arguments are text, in Babel's notation.
KEYWORDS = {
    name: numbers
    for names, numbers in (
        (("_", "gettext", "gettext_lazy", "gettext_noop"), None),
        (("ngettext", "ngettext_lazy"), (1, 2)),
        (("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
        (("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
    )
    for name in names
}
Found = tuple[str, int, str | tuple[str, ...], str | None]  # file, line, text or (singular, plural), context


def find_strings(language: str) -> Iterator[Found]:
    """Yield every string that needs a translation into `language`: ours, and those of libraries that have none."""
    return chain(_own_strings(), _library_strings(language))


def _own_strings() -> Iterator[Found]:
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
                continue
            source = path.read_text(encoding="utf-8")
            if path.suffix != ".py":
                # What is left of the mark-up would be wrongly indented Python.
                source = "\n".join(line.lstrip() for line in templatize(source).split("\n"))
            yield from _extract(path.relative_to(settings.BASE_DIR).as_posix(), source)


def _library_strings(language: str) -> Iterator[Found]:
    for library, files in LIBRARIES.items():
        spec = find_spec(library)
        folder = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else Path()
        translated = gettext.NullTranslations()
        for path in sorted(folder.rglob(f"locale/{language}/LC_MESSAGES/django.mo")):
            with path.open("rb") as file:
                translated.add_fallback(gettext.GNUTranslations(file))
        for name in files:
            for found in _extract(f"{library}/{name}", (folder / name).read_text(encoding="utf-8")):
                text = found[2]
                one = text if isinstance(text, str) else text[0]
                same = translated.gettext(text) if isinstance(text, str) else translated.ngettext(text[0], text[1], 1)
                if same == one and not NOT_SHOWN.search(one):
                    yield found


def _extract(name: str, source: str) -> Iterator[Found]:
    file = io.BytesIO(source.encode())
    for line, text, _comments, context in extract("python", file, KEYWORDS, options={"encoding": "utf-8"}):
        yield name, line, text, context


def catalogue_path(language: str) -> Path:
    """Return where the translations into `language` are kept."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def read_catalogue(language: str) -> Catalog:
    """Return the kept translations, an empty catalogue where there are none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(language, domain="django", project="Talkoo", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def update_catalogue(language: str) -> Catalog:
    """Bring the .po file up to the strings found now; translations that nobody needs any more go.

    Returns:
        The catalogue as written.
    """
    template = Catalog(domain="django")
    for name, _line, text, context in find_strings(language):
        template.add(text, locations=[(name, 0)], context=context)
    catalogue = read_catalogue(language)
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.header_comment = f"# Talkoo in {language}."
    catalogue.project = "Talkoo"
    catalogue.creation_date = datetime(2026, 1, 1, tzinfo=UTC)  # no change without a change
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, omit_header=False, sort_output=True, include_lineno=False)
    return catalogue


def compile_catalogues() -> None:
    """Write the .mo files that gettext reads, where they are older than their .po files."""
    for language in LANGUAGES:
        path = catalogue_path(language)
        compiled = path.with_suffix(".mo")
        if path.exists() and (not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime):
            partial = compiled.with_suffix(".part")
            with partial.open("wb") as file:
                write_mo(file, read_catalogue(language))
            partial.replace(compiled)
