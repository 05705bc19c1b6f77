"""The foundation: settings, the processes, and what every room may use."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
