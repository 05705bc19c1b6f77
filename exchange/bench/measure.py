"""How long something takes, and how many queries it makes."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection


def measure(act: Callable[[], object], times: int) -> dict[str, float | int]:
    """Do `act` once to warm up, once to count its queries, and then `times` times against the clock.

    Returns:
        queries: of one call; ms: the median of the calls, in milliseconds; ms_worst: the longest.
    """
    act()
    with counting() as counted:
        act()
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        spent.append((time.perf_counter() - start) * 1000)
    return {
        "queries": counted.queries,
        "ms": round(statistics.median(spent), 1),
        "ms_worst": round(max(spent), 1),
    }


@dataclass
class Spent:
    """What a block has cost so far."""

    queries: int = 0
    seconds: float = 0.0


@contextmanager
def counting() -> Iterator[Spent]:
    """Count the queries of a block, and how long they took."""
    spent = Spent()

    def count(execute: Callable[..., object], *args: object) -> object:
        spent.queries += 1
        start = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent.seconds += time.perf_counter() - start

    with connection.execute_wrapper(count):
        yield spent


@contextmanager
def timing() -> Iterator[Spent]:
    """Measure how long a block takes."""
    spent = Spent()
    start = time.perf_counter()
    yield spent
    spent.seconds = time.perf_counter() - start


@contextmanager
def scratch_database() -> Iterator[None]:
    """Give an empty database beside the configured one, which is not touched, and drop it afterwards."""
    known = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(known, verbosity=0)
