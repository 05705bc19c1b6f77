"""`manage.py demo` as a person at a terminal uses it: real processes, stopped, killed, started again."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from django.conf import settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SERVERS = ("DATABASE_URL", "REDIS_URL", "BASE_URL", "EMAIL_URL", "SECRET_KEY", "DEFAULT_FROM_EMAIL")


def environment(data):
    # The model reads the demo for half a minute, which these tests do not look at.
    env = {name: value for name, value in os.environ.items() if name not in SERVERS} | {"EMBEDDER": "none"}
    return env | {"TALKOO_DATA_DIR": str(data)}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Return a data folder whose database holds the demo, made once for all processes that test."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    data, done = shared / "prepared", shared / "prepared.done"
    with (shared / "prepared.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            for command in ("migrate", "load_demo"):
                arguments = [sys.executable, settings.BASE_DIR / "manage.py", command]
                subprocess.run(arguments, env=environment(data), check=True, capture_output=True, timeout=240)
            done.touch()
    return data


@pytest.fixture
def data(prepared, tmp_path):
    """Return a copy of the prepared folder, as somebody has it who starts the demo again."""
    copy = tmp_path / "data"
    subprocess.run(["cp", "-a", prepared, copy], check=True)  # with the owners of the files, which PostgreSQL asks for
    return copy


def demo(data, *arguments, **options):
    command = [sys.executable, settings.BASE_DIR / "manage.py", "demo", *arguments]
    return subprocess.Popen(command, env=environment(data), text=True, **options)


def belonging_to(data):
    """Return the command lines of what runs with this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            if process.environ().get("TALKOO_DATA_DIR") == str(data) or any(str(data) in word for word in words):
                found.append(" ".join(words)[:120])
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def await_welcome(process):
    """Return the address that the demo prints."""
    address = ""
    for line in process.stderr:
        if line.startswith("Talkoo is running at"):
            address = line.split()[-1]
        if line.startswith("Ctrl-C"):
            return address
    raise AssertionError("the demo ended before it was running")


def test_check_prints_one_object_and_leaves_nothing(tmp_path):
    with demo(tmp_path, "--check", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    result = json.loads(out)
    assert result.pop("boot_s") > 0
    assert result.pop("digests_sent") >= 1
    assert result == {"ok": True, "published": 1, "duplicates": 0, "unsubscribed": True}
    assert belonging_to(tmp_path) == []


@pytest.mark.parametrize(
    ("part", "step"),
    [
        ("worker", "The coordinator is told by e-mail"),
        ("inbox", "The coordinator is told by e-mail"),
        ("beat", "A reader follows its topics and asks for the digest now"),
    ],
)
def test_check_fails_without_a_process(data, part, step):
    arguments = ("--check", "--without", part, "--patience", "12")
    with demo(data, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, _ = process.communicate(timeout=240)
    assert process.returncode == 1
    result = json.loads(out)
    assert result["ok"] is False
    assert result["failed"].startswith(step)


def test_demo_stops_cleanly_survives_a_kill_and_keeps_its_data(data):
    with demo(data, stderr=subprocess.PIPE) as process:
        address = await_welcome(process)
        with urllib.request.urlopen(f"{address}/accounts/login/") as answer:  # noqa: S310 - our own address
            assert answer.status == 200
        second = demo(data, stderr=subprocess.PIPE)
        _, said = second.communicate(timeout=60)
        assert second.returncode == 1
        assert "A demo is running already" in said
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert belonging_to(data) == []

    with demo(data, stderr=subprocess.PIPE) as process:
        await_welcome(process)
        left = set(belonging_to(data))
        process.kill()
        process.communicate(timeout=60)
    time.sleep(0.5)
    assert len(belonging_to(data)) >= len(left) - 1 > 4  # the processes outlive the killed demo …
    (data / "kept").touch()
    with demo(data, stderr=subprocess.PIPE) as process:
        await_welcome(process)  # … and the next start stops them
        running = belonging_to(data)
        assert sum("celery" in line and "beat" in line for line in running) == 1
        assert sum("manage.py inbox" in line for line in running) == 1
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert belonging_to(data) == []
    assert (data / "kept").exists()


def test_demo_refuses_somebody_elses_database(tmp_path):
    env = environment(tmp_path) | {name: os.environ[name] for name in SERVERS}
    command = [sys.executable, Path(settings.BASE_DIR) / "manage.py", "demo"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: The demo brings its own PostgreSQL")
