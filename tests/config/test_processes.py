"""Child processes and the embedded servers: found again, stopped, never mistaken."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from config.kit.processes import start_process, stop_leftovers, stop_process, tail

SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"]


def test_process_is_recorded_logged_and_stopped(tmp_path):
    process = start_process("sleeper", SLEEPER, run_dir=tmp_path)
    assert psutil.pid_exists(process.pid)
    for _ in range(100):
        if tail("sleeper", run_dir=tmp_path) == "here":
            break
        time.sleep(0.05)
    assert tail("sleeper", run_dir=tmp_path) == "here"
    assert stop_process("sleeper", run_dir=tmp_path) is True
    assert process.wait(5) == -signal.SIGTERM
    assert list(tmp_path.glob("*.process")) == []
    assert stop_process("sleeper", run_dir=tmp_path) is False


def test_leftover_with_children_is_stopped(tmp_path):
    family = [sys.executable, "-c", f"import subprocess; subprocess.run({SLEEPER!r})"]
    process = start_process("family", family, run_dir=tmp_path)
    for _ in range(100):
        if children := process.children():
            break
        time.sleep(0.05)
    assert stop_leftovers(tmp_path) == ["family"]
    process.wait(5)
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


def test_process_id_taken_over_by_another_program_is_left_alone(tmp_path):
    with subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL) as stranger:
        record = {"pid": stranger.pid, "created": psutil.Process(stranger.pid).create_time() - 100}
        (tmp_path / "old.process").write_text(json.dumps(record))
        assert stop_process("old", run_dir=tmp_path) is False
        assert stranger.poll() is None
        stranger.kill()


ASK = "import os, sys; from config.embedded import fill_environment; fill_environment(); import psycopg;\
 print(psycopg.connect(os.environ['DATABASE_URL']).execute(\
 'select pg_postmaster_start_time()::text').fetchone()[0], flush=True); exec(sys.argv[1])"


def embedded(data, then="pass"):
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.Popen(
        [sys.executable, "-c", ASK, then],
        env=env | {"TALKOO_DATA_DIR": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def servers_of(data):
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(data) in line and ("/postgres -D" in line or "valkey" in line):
            found.append(process)
    return found


@pytest.mark.slow
def test_embedded_servers_are_shared_and_stop_with_their_last_user(tmp_path):
    data = tmp_path / "data"
    first = embedded(data, "import time; time.sleep(3)")
    started = first.stdout.readline().strip()
    second = embedded(data)
    assert second.communicate(timeout=60)[0].strip() == started  # the same server, and it was not stopped
    assert servers_of(data) != []
    first.communicate(timeout=60)
    assert servers_of(data) == []


@pytest.mark.slow
def test_servers_left_by_a_killed_process_are_stopped_by_the_next(tmp_path):
    data = tmp_path / "data"
    killed = embedded(data, "import os; os.kill(os.getpid(), 9)")
    old = killed.communicate(timeout=60)[0].strip()
    assert servers_of(data) != []
    after = embedded(data)
    assert after.communicate(timeout=60)[0].strip() != old
    assert servers_of(data) == []


def run_python(code, **env):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": os.environ["PATH"], **env},
    )  # fmt: skip


def test_missing_and_wrong_variables_are_named_in_one_line():
    done = run_python("import config.settings", SECRET_KEY="short", DATABASE_URL="postgres://localhost/x")
    assert done.returncode == 1
    assert done.stderr.startswith("Talkoo cannot start. SECRET_KEY: needs 32 characters or more")
    assert done.stderr.count("\n") == 1
    for name in ("BASE_URL", "REDIS_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL"):
        assert f"{name}: Environment variable not set." in done.stderr


def test_another_database_than_postgresql_is_refused():
    done = run_python(
        "import config.settings", SECRET_KEY="x" * 40, DATABASE_URL="sqlite:///x", REDIS_URL="redis://localhost",
        BASE_URL="http://localhost", EMAIL_URL="smtp://localhost", DEFAULT_FROM_EMAIL="x@network.example",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "Talkoo cannot start. DATABASE_URL: Talkoo needs PostgreSQL.\n")
