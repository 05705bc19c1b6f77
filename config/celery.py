"""The Celery application: tasks carry no arguments that matter and may run twice or never."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("talkoo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
