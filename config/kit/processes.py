"""Child processes that are always found again: each is recorded in a file until it has been stopped.

Nothing here needs Django, so that it can run before the settings are read.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

# Children of this process by id: whoever waits for one must use the object that started it.
_children: dict[int, psutil.Popen] = {}


def start_process(
    name: str, command: Sequence[str | Path], *, run_dir: Path, env: Mapping[str, str] | None = None
) -> psutil.Popen:
    """Start `command` in a session of its own, its output going to `run_dir`/NAME.log.

    A session of its own keeps the terminal's Ctrl-C away from it: whoever started it also stops it, in order.

    Raises:
        OSError: the program cannot be started.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / f"{name}.log").open("ab") as log:
        process = psutil.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(env) if env is not None else None,
            start_new_session=True,
        )
    _children[process.pid] = process
    record = {"pid": process.pid, "created": process.create_time()}
    (run_dir / f"{name}.process").write_text(json.dumps(record))
    return process


def stop_process(name: str, *, run_dir: Path, patience: float = 10.0) -> bool:
    """Stop the recorded process and its children: SIGTERM, after `patience` seconds SIGKILL.

    Returns:
        Whether there was one running. A process id that another program has taken over since is left alone.
    """
    record = run_dir / f"{name}.process"
    try:
        data = json.loads(record.read_text())
        process = _children.pop(data["pid"], None) or psutil.Process(data["pid"])
        ours = abs(process.create_time() - data["created"]) < 0.05 and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, KeyError, psutil.Error):
        ours = False
    if ours:
        _end(process, patience)
    record.unlink(missing_ok=True)
    return ours


def stop_leftovers(run_dir: Path) -> list[str]:
    """Stop every process still recorded in `run_dir`; return the names of those that were running."""
    names = sorted(path.stem for path in run_dir.glob("*.process"))
    return [name for name in names if stop_process(name, run_dir=run_dir)]


def tail(name: str, *, run_dir: Path, lines: int = 20) -> str:
    """Return the last lines of a process's log, for messages about why it failed."""
    with suppress(OSError):
        text = (run_dir / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])
    return ""


def python() -> str:
    """Return this interpreter, for child processes."""
    return sys.executable or os.fspath(Path(sys.prefix) / "bin" / "python")


def _end(process: psutil.Process | psutil.Popen, patience: float) -> None:
    with suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        process.terminate()
        _, alive = psutil.wait_procs([process], timeout=patience)
        _, alive = psutil.wait_procs(family, timeout=2 if not alive else 0)
        for one in alive:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(alive, timeout=5)
