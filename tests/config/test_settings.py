"""Talkoo starts with good settings or says in one line what is wrong."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

GOOD = {
    "SECRET_KEY": "x" * 40,
    "BASE_URL": "https://talkoo.network.example",
    "DATABASE_URL": "postgres://talkoo@localhost/talkoo",
    "REDIS_URL": "redis://localhost:6379/0",
    "EMAIL_URL": "smtp://localhost:25",
    "DEFAULT_FROM_EMAIL": "talkoo@network.example",
}


def start(**changes):
    """Read the settings in a new process; None removes a variable."""
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings"}
    env |= {name: value for name, value in (GOOD | changes).items() if value is not None}
    code = "import django; django.setup(); from django.conf import settings; print(settings.ALLOWED_HOSTS[0])"
    return subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )


def test_good_settings_start():
    done = start()
    assert (done.returncode, done.stdout, done.stderr) == (0, "talkoo.network.example\n", "")


@pytest.mark.parametrize("name", GOOD)
def test_missing_variable_is_named_in_one_line(name):
    done = start(**{name: None})
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"Talkoo cannot start. {name}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("BASE_URL", "talkoo.example"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "nonsense"),
        ("REDIS_URL", "http://localhost"),
        ("DATABASE_URL", "postgres://"),
        ("EMAIL_URL", "nonsense"),
        ("EMAIL_URL", "ftp://x"),
        ("EMAIL_URL", "smtp://"),
        ("DEFAULT_FROM_EMAIL", "nobody"),
        ("WAKE_EVERY", "often"),
        ("WAKE_EVERY", "0"),
        ("TRUSTED_PROXIES", "-1"),
        ("MAX_IMAGE_MB", "0"),
        ("MAX_DOCUMENT_MB", "many"),
        ("X_ACCEL_PREFIX", "uploads"),
        ("X_ACCEL_PREFIX", "/uploads"),
        ("LOG_LEVEL", "LOUD"),
        ("DEBUG", "perhaps"),
    ],
)
def test_malformed_variable_is_named_in_one_line(name, value):
    done = start(**{name: value})
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith(f"Talkoo cannot start. {name}: ")


def test_server_processes_never_start_their_own_database():
    env = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", "import config.wsgi"]
    done = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "DATABASE_URL: " in done.stderr.splitlines()[-1]
