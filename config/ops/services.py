"""Writing signs of life."""

from django.conf import settings
from django.utils import timezone

from config.ops.models import Heartbeat

PATIENCE = 300.0  # seconds of silence after which a process counts as gone, where looks are frequent


def beat(name: str, **details: object) -> None:
    """Say that the process `name` works; one statement."""
    row = Heartbeat(name=name, at=timezone.now(), details=details)
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["at", "details"])


def silence_of(name: str) -> str:
    """Return what is wrong with the heartbeat of `name`; an empty string where it beats."""
    row = Heartbeat.objects.filter(name=name).first()
    if row is None:
        return "has never run"
    silent = (timezone.now() - row.at).total_seconds()
    return f"silent for {silent:.0f} seconds" if silent > max(PATIENCE, 5 * settings.WAKE_EVERY) else ""
