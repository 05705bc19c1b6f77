"""What is known of a member as texts: what a table holds, what two states of a member differ in.

Lists have `;` between them. `standing` and `merged_into` are told but never taken back: other acts change them.
"""

import hashlib
import json
from collections.abc import Mapping

from config.kit.numbers import as_text
from members.directory.models import Member

SEPARATOR = ";"
SCALARS = (
    "name", "name_en", "kind", "country", "subdivision", "latitude", "longitude", "population", "population_year",
    "area_km2", "climate_zone", "government_level", "website", "about", "joined_year", "is_active",
)  # fmt: skip
ARRAYS = ("languages", "email_domains")
MANY = {"pathways": "code", "associations": "slug"}  # and what each is known by
FACTS = (
    "name", "name_en", "kind", "country", "subdivision", "latitude", "longitude", "population", "population_year",
    "area_km2", "climate_zone", "government_level", "pathways", "languages", "office", "associations", "website",
    "email_domains", "about", "joined_year", "is_active",
)  # fmt: skip
TOLD = ("standing", "merged_into")


def read_facts(member: Member) -> dict[str, str]:
    """Return the facts by name; prefetch `pathways`, `associations` and `office` to save queries."""
    facts = {name: write_fact(getattr(member, name)) for name in (*SCALARS, *ARRAYS)}
    for name, key in MANY.items():
        facts[name] = SEPARATOR.join(sorted(getattr(one, key) for one in getattr(member, name).all()))
    facts["office"] = member.office.slug
    return {name: facts[name] for name in FACTS}


def write_fact(value: object) -> str:
    """Write one value: numbers in plain digits, yes or no, lists with separators."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return SEPARATOR.join(map(str, value)) if isinstance(value, list | tuple) else as_text(value)


def fingerprint(facts: Mapping[str, str]) -> str:
    """Return a short text that differs for different facts, so that a form can say which ones it was made from."""
    return hashlib.sha256(json.dumps(dict(facts), sort_keys=True).encode()).hexdigest()[:16]
