"""Hubs behind real sockets: in this process, where a test can look inside, or in their own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from argon2 import PasswordHasher

from sync.hub import Account, Hub
from sync.hub.accounts import Accounts
from sync.hub.permissions import default_rules
from sync.ports import Clock
from sync.serve import Ready, listen, serve_hub
from tests.helpers.clocks import FixedClock, SeededEntropy

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "drill-42"
CHEAP_HASHES = PasswordHasher(1, 64, 1)
WITHOUT_DEFAULTS = replace(default_rules(), defaults={})


def open_hub(
    path: Path | str,
    accounts: tuple[Account, ...] = (),
    clock: Clock | None = None,
    seed: int = 100,
) -> Hub:
    """A hub with these accounts; everybody's password is ``PASSWORD``, and cheap to check. Devices
    that ask for nothing hold all that their people may read, whatever their role."""
    clock, entropy = clock or FixedClock(), SeededEntropy(seed)
    hub = Hub.open(path, clock=clock, entropy=entropy)
    hub.accounts = Accounts(hub.replica.parts.database, clock, entropy, CHEAP_HASHES)
    hub.permissions.rules = WITHOUT_DEFAULTS
    for account in accounts:
        hub.accounts.add(account, PASSWORD)
    return hub


class HubStand:
    """Serves an open hub on a real socket; goes down and comes back under the same address."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.port = 0
        self._stopping: asyncio.Event | None = None
        self._server: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def up(self) -> None:
        """Listen, and return when somebody answers."""
        listener = listen("127.0.0.1", self.port)
        ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
        self._stopping = asyncio.Event()
        self._server = asyncio.create_task(
            serve_hub(self.hub, listener, self._stopping, ready.set_result)
        )
        self.port = (await ready).port

    async def down(self) -> None:
        """Stop listening and cut every stream. The hub's file stays open."""
        if self._server is not None and self._stopping is not None:
            self._stopping.set()
            await self._server
            self._server = None


@contextmanager
def hub_process(path: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A hub in a process of its own; the process and its address. Killed when the block ends."""
    command = [sys.executable, "-m", "sync.serve", "--data", str(path), "--json"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [*command, "--port", str(port), "--until-stdin-closes"],
        **{"cwd": ROOT, "stdin": pipe, "stdout": pipe, "stderr": pipe, "text": True},
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())["ready"]["url"]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
