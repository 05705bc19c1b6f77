"""What is looked at from outside: each room registers its checks and its figures, from its AppConfig's ready()."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import Metric

Look = Callable[[], str]  # what is wrong, in words for everybody: no addresses, no names; empty where all is well
Collect = Callable[[], Iterable[Metric]]

_checks: dict[str, Look] = {}
_metrics: list[Collect] = []


def register_check(name: str, look: Look) -> None:
    """Ask `look` at /ops/health."""
    _checks[name] = look


def register_metrics(collect: Collect) -> None:
    """Tell at /ops/metrics what `collect` returns."""
    _metrics.append(collect)


def checks() -> dict[str, Look]:
    """Return every check by its name."""
    return dict(_checks)


class Rooms:
    """The figures of all rooms, as prometheus_client wants them; read from the database at every look, so that all
    processes tell the same.
    """

    def collect(self) -> Iterator[Metric]:
        for collect in _metrics:
            yield from collect()
