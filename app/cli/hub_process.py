"""The hub as a process of its own, for as long as this one needs it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sync
from sync.errors import HubFailed, from_json

START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 10.0
_PROJECT = Path(sync.__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class RunningHub:
    """Where it listens, who it is, and the process it is."""

    url: str
    hub_id: str
    process: subprocess.Popen[bytes]

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None


@contextmanager
def hub_process(
    data: Path, log: Path, *, host: str, port: int = 0, permissions: Path | None = None
) -> Iterator[RunningHub]:
    """A hub over ``data`` that is ready, and stopped when the block ends or this process does.

    Raises the named error with which the hub refused to start, or ``HubFailed``.
    """
    with log.open("ab") as errors:
        process = _start(data, errors, host, port, permissions)
    try:
        yield _ready(process, log)
    finally:
        _stop(process)


def _start(
    data: Path, errors: IO[bytes], host: str, port: int, permissions: Path | None
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sync.serve", "--data", str(data.resolve()), "--json"]
    command += ["--host", host, "--port", str(port), "--until-stdin-closes"]
    if permissions is not None:
        command += ["--permissions", str(permissions.resolve())]
    paths = [str(_PROJECT), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,  # its end tells the hub that we are gone, however we went
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        start_new_session=True,  # Ctrl-C in the terminal is for us; we stop the hub in our order
    )


def _ready(process: subprocess.Popen[bytes], log: Path) -> RunningHub:
    assert process.stdout is not None
    patience = threading.Timer(START_SECONDS_MAX, process.kill)
    patience.start()
    try:
        line = process.stdout.readline()
    finally:
        patience.cancel()
    answer = _parsed(line)
    if "ready" in answer:
        return RunningHub(answer["ready"]["url"], answer["ready"]["hub_id"], process)
    if "error" in answer:
        raise from_json(answer["error"])
    raise HubFailed(f"The hub did not start; {log} says why.")


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
