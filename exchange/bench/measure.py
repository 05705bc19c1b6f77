"""How long something takes, and how many queries it makes."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection


def measure(act: Callable[[], object], times: int) -> dict[str, float | int]:
    """Do `act` once to warm up, once to count its queries, and then `times` times against the clock.

    Returns:
        queries: of one call; ms: the median of the calls, in milliseconds; ms_worst: the longest.
    """
    queries = 0

    def count(execute: Callable[..., object], *args: object) -> object:
        nonlocal queries
        queries += 1
        return execute(*args)

    act()
    with connection.execute_wrapper(count):
        act()
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        spent.append((time.perf_counter() - start) * 1000)
    return {
        "queries": queries,
        "ms": round(statistics.median(spent), 1),
        "ms_worst": round(max(spent), 1),
    }


@contextmanager
def scratch_database() -> Iterator[None]:
    """Give an empty database beside the configured one, which is not touched, and drop it afterwards."""
    known = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(known, verbosity=0)
