"""People who are named in a text, as @Name. A name that several have, or nobody who may read it, stays plain text."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.kit.markdown import render_markdown
from members.accounts.models import User

LONGEST = 5  # words of a name
MOST = 20  # people who can be named in one text
_OWNING = re.compile(r"['’]\w*$")  # "Karhu's", "Karhu’n": what a language adds to a name, after its apostrophe
_AT = re.compile(r"(?<!\w)@(\w[\w'’.-]*(?: \w[\w'’.-]*){0,4})")


def find_mentions(text: str, among: "QuerySet[User]") -> list[User]:
    """Return who of `among` is named, each once; of two names that begin alike the longer one. One query."""
    runs = [match[1].split(" ") for match in _AT.finditer(text)][:MOST]
    names = {name for run in runs for count in range(1, len(run) + 1) for name in _keys(run[:count])}
    if not names:
        return []
    rows = among.annotate(name_key=Lower("name")).filter(name_key__in=names).distinct()
    people = list(rows.order_by("pk"))
    counts = Counter(_key(one.name) for one in people)
    by_name = {_key(one.name): one for one in people if counts[_key(one.name)] == 1}
    found: dict[int, User] = {}
    for run in runs:
        for count in range(len(run), 0, -1):
            if name := next(filter(counts.get, _keys(run[:count])), None):
                if one := by_name.get(name):
                    found[one.pk] = one
                break
    return list(found.values())


def say_named(text: str, people: Iterable[User]) -> str:
    """Return who is named in a text that was sent, for its author; a name that nobody has is not told otherwise.

    Args:
        people: what `find_mentions` has found.
    """
    if names := sorted(str(one) for one in people):
        return _("Named there: %(names)s.") % {"names": ", ".join(names)}
    if _AT.search(text):
        return _("Nobody is named there: after @ stands no name of one person who can read it, as their page has it.")
    return ""


def render_with_mentions(text: str, people: Iterable[User]) -> SafeString:
    """Return Markdown as HTML in which the names of `people` lead to their pages."""
    links: Mapping[str, str] = {
        f"@{one.name}": reverse("people:person_detail", args=[one.pk]) for one in people if one.name
    }
    return render_markdown(text, links=links)


def _keys(words: list[str]) -> list[str]:
    """Return what a run of words can be as a name: as it stands, and without what follows an apostrophe."""
    name = _key(" ".join(words))
    return [name, _OWNING.sub("", name)]


def _key(name: str) -> str:
    return name.lower().rstrip(".'’-")
