"""Signs of life of the processes that nobody sees."""

from typing import Any

from django.db import models


class Heartbeat(models.Model):
    """When a process did its work last, and what it found."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    details: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name}: {self.at}"
