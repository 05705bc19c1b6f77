"""Whether what every room stands on is there."""

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.core.cache import cache as django_cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from config.ops.models import Heartbeat

_applied: list[bool] = []  # holds something once this process has seen that all migrations are applied


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def cache() -> str:
    mark = secrets.token_hex(8)
    django_cache.set("ops:mark", mark, 60)
    return "" if django_cache.get("ops:mark") == mark else "forgets at once"


def migrations() -> str:
    """Whether all are applied; once they are, they stay so for the code of this process."""
    if not _applied:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "not all are applied"
        _applied.append(True)
    return ""


def uploads() -> str:
    """Whether files can be written where uploads are kept."""
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    mark = settings.MEDIA_ROOT / f".ops-{secrets.token_hex(8)}"
    try:
        mark.write_bytes(b"")
        mark.unlink()
    except OSError:
        return "cannot be written"
    return ""


def heartbeats() -> Iterator[GaugeMetricFamily]:
    ages = GaugeMetricFamily("talkoo_heartbeat_age_seconds", "Since a process did its work last.", labels=["name"])
    now = timezone.now()
    for row in Heartbeat.objects.order_by("name"):
        ages.add_metric([row.name], (now - row.at).total_seconds())
    yield ages
