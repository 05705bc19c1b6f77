"""The short form of `make faults`: real processes, a real database that is really stopped, a receiver that counts."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

from tests.faults.matrix import MATRIX
from tests.faults.world import Result

GOOD = Result("x", 1, planned=10, delivered=9, duplicates=0, lost=0, unknown=1, interrupted=1, settled={})


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_is_lost_and_nothing_doubled_whatever_happens():
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--short"], cwd=settings.BASE_DIR, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["fault"] for one in found] == [one.name for one in MATRIX if one.short], done.stderr[-4000:]
    assert [(one["fault"], one["duplicates"], one["lost"]) for one in found if one["duplicates"] or one["lost"]] == []
    assert [one["fault"] for one in found if one["unknown"] > one["interrupted"]] == []
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("change", "good"),
    [({}, True), ({"duplicates": 1}, False), ({"lost": 1}, False), ({"unknown": 2}, False), ({"unknown": 0}, True)],
)
def test_result_is_good_only_without_loss_and_doubles(change, good):
    assert Result(**(GOOD.as_dict() | change)).is_good is good
