"""Real parts for every test: PostgreSQL, Valkey, and where a test asks for them SMTP, a Celery worker and a browser."""

import os

import django

from config.embedded import fill_environment

fill_environment(temporary=True)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from config.kit.catalogues import compile_catalogues  # noqa: E402 - needs the settings

compile_catalogues()

pytest_plugins = ["tests.fixtures"]
