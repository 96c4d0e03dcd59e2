"""A server that speaks the MongoDB protocol, in a process of its own: nx-27017 with its own data
directory, port, pid file and log. ``ZAVA_TEST_MONGODB_URI`` names a real MongoDB instead."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SETTING = "ZAVA_TEST_MONGODB_URI"
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 10


def named_server() -> str | None:
    """The URI of the server that the environment names, if it does."""
    return os.environ.get(SETTING) or None


class MongoServer:
    """One nx-27017. It can be killed and started again over the same data, at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it and return when somebody listens."""
        assert self._process is None, "it runs already"
        folder = self._folder
        command = [sys.executable, "-m", "nx_27017.nx_27017", "--data-dir", str(folder / "data")]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--pid-file", str(folder / "pid"), "--log-file", str(folder / "log")]
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        self._wait_until_it_listens()

    def stop(self) -> None:
        """Ask it to end, by its pid, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_until_it_listens(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                probe.settimeout(0.05)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.05)
        raise AssertionError(
            f"nx-27017 does not start: {(self._folder / 'log').read_text()[-2000:]}"
        )


@contextmanager
def mongo_server(folder: Path) -> Iterator[MongoServer]:
    """A running server over a new folder; stopped when the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    server = MongoServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
