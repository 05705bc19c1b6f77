"""Real parts for every test: PostgreSQL, Valkey, and where a test asks for them SMTP, a Celery worker and a browser."""

import os

import django

from config.embedded import fill_environment

# Each worker of pytest-xdist has servers of its own, as the first process has: nothing is shared, not even the cache.
if "PYTEST_XDIST_WORKER" in os.environ and os.environ.pop("TALKOO_TESTS_EMBEDDED", ""):
    del os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
if fill_environment(temporary=True):
    os.environ["TALKOO_TESTS_EMBEDDED"] = "yes"
os.environ["SECOND_FACTOR_ROLES"] = ""  # the tests of second factors turn it on
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
del os.environ["DJANGO_SETTINGS_MODULE"]  # else a worker reads the settings before it is here

from config.kit.catalogues import compile_catalogues  # noqa: E402 - needs the settings

compile_catalogues()

pytest_plugins = ["tests.fixtures"]
