"""One sender in a process of its own, as a worker's would be. Django is set up in it, so nothing is imported above."""

import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event


@dataclass(frozen=True)
class Done:
    """What one sender says at its end: megabytes of memory after its first batches and at the end."""

    rss_start: float
    rss_end: float


def send_until_over(end: Connection, over: Event, database: str, port: int) -> None:
    """Send from `database` to the sink at `port` until `over` is set and nothing is due; then say what it took."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    import psutil
    from django.conf import settings
    from django.db import connections

    from config.outbox.sender import Sender

    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = database
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER = "127.0.0.1", port, ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    memory = psutil.Process()
    Sender().run(seconds=1)
    start = memory.memory_info().rss
    while Sender().run() or not over.is_set():
        over.wait(0.05)
    end.send(Done(round(start / 2**20, 1), round(memory.memory_info().rss / 2**20, 1)))
    connections.close_all()
