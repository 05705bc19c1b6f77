"""The demo's asks and offers, and the matches that a coordinator would make, are whole and consistent."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
from babel import localedata

from config.vocabulary.terms import PATHWAYS, TOPICS
from exchange.demo.network import MEMBERS

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "exchange" / "demo" / "data"


def lines(name):
    return [json.loads(line) for line in (DEMO / name).read_text(encoding="utf-8").splitlines()]


PRACTICES, NOTICES = lines("practices.jsonl"), lines("notices.jsonl")
CASES = json.loads((ROOT / "exchange" / "bench" / "data" / "matches.json").read_text(encoding="utf-8"))["cases"]
PLACES = {one["member"]["name_en"]: one["member"]["country"] for one in PRACTICES} | {
    one.name_en: one.country for one in MEMBERS
}
PUBLISHERS = {one["id"]: one["member"]["name_en"] for one in PRACTICES}
BY_ID = {one["id"]: one for one in NOTICES}
ASKS = {one["id"] for one in NOTICES if one["kind"] == "ask"}
FIELDS = {
    "id", "kind", "member", "language", "title", "text", "topics", "pathways", "formats", "languages", "place",
    "costs", "places", "weeks", "publication",
}  # fmt: skip
FORMATS = {"call", "mentoring", "study_visit", "expert_mission", "peer_review", "twinning", "transfer_network"}
COSTS = {"own", "host", "guest", "shared", "network", "open"}
REGIONS = {
    "Africa": "BF MZ SL ZA",
    "Americas": "BR CA CL CO MX",
    "Asia and Pacific": "AU IN JP PH SB",
    "Finland": "FI",
}


def owner_of(match):
    """Return the English name of the member that stands behind a match, or behind the subject of a case."""
    if match["kind"] == "member":
        return match["id"]
    return PUBLISHERS[match["id"]] if match["kind"] == "publication" else BY_ID[match["id"]]["member"]


def asker_of(case):
    return BY_ID[case["subject"]]["member"] if case["kind"] == "ask" else case["subject"]


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("notice", NOTICES, ids=lambda one: one["id"])
def test_a_notice_keeps_to_limits_and_vocabularies(notice):
    assert set(notice) == FIELDS
    assert notice["kind"] in {"ask", "offer"}
    assert notice["member"] in PLACES
    assert 0 < len(notice["title"]) <= 100
    assert 80 <= len(notice["text"]) <= 600
    for field, known, most in (("topics", TOPICS, 3), ("pathways", PATHWAYS, 3), ("formats", FORMATS, 3)):
        chosen = notice[field]
        assert 1 <= len(chosen) <= most
        assert len(chosen) == len(set(chosen))
        assert set(chosen) <= set(known)
    assert notice["language"] in notice["languages"]
    assert all(localedata.exists(language) for language in notice["languages"])
    assert notice["place"] in {"on_site", "online", "either"}
    assert notice["costs"] in COSTS
    assert notice["places"] is None or notice["places"] > 0
    assert 4 <= notice["weeks"] <= 26
    if notice["kind"] == "offer":
        assert PUBLISHERS[notice["publication"]] == notice["member"]
    elif notice["publication"]:
        assert PUBLISHERS[notice["publication"]] != notice["member"]


def test_notices_are_spread_over_members():
    assert len(BY_ID) == len(NOTICES)
    assert max(Counter((one["kind"], one["member"]) for one in NOTICES).values()) <= 2


@pytest.mark.parametrize("case", CASES, ids=lambda one: one["id"])
def test_a_case_names_what_exists_and_nobody_matches_itself(case):
    asker = asker_of(case)
    assert asker in PLACES
    kinds = {"offer", "publication"} if case["kind"] == "ask" else {"member"}
    matches = [(match["kind"], match["id"]) for match in case["matches"]]
    assert len(matches) == len(set(matches)) >= 3
    for match in case["matches"]:
        assert match["kind"] in kinds
        assert owner_of(match) in PLACES
        assert owner_of(match) != asker
        assert match["kind"] != "offer" or BY_ID[match["id"]]["kind"] == "offer"
        assert match["reason"].strip().endswith(".")


def test_the_halves_follow_the_rule_that_the_file_names():
    assert len({case["id"] for case in CASES}) == 40
    assert Counter((case["kind"], case["half"]) for case in CASES) == {
        (kind, half): 10 for kind in ("ask", "member") for half in ("tuning", "held_out")
    }
    regions = {code: name for name, codes in REGIONS.items() for code in codes.split()}
    order = [*REGIONS, "rest of Europe"]
    for kind in ("ask", "member"):
        of_kind = sorted(
            (case for case in CASES if case["kind"] == kind),
            key=lambda case: (
                order.index(regions.get(PLACES[asker_of(case)], "rest of Europe")),
                digest(case["id"]),
            ),
        )
        assert [case["half"] for case in of_kind] == ["tuning", "held_out"] * 10
    asked = {case["subject"] for case in CASES if case["kind"] == "ask"}
    assert sorted(ASKS, key=digest)[:-2] == sorted(asked, key=digest)
