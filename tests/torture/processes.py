"""Real processes for torture: a hub and devices that can be told to die in the middle of anything.

    python -m tests.torture.processes hub FILE PORT
    python -m tests.torture.processes device FILE URL LOGIN LIFE

Both obey lines on standard input and end when it does. ``die N`` kills the process, as ``kill -9``
does, just before the Nth SQL statement from now, in whatever thread that runs. A device knows
besides: ``write N`` (one line ``saved ID`` for each, after its commit), ``now`` and ``where``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sync.device import Device
from sync.errors import ZavaError
from sync.local.database import Database
from sync.serve import ServeConfig, serve
from sync.system import SystemClock, SystemEntropy
from tests.helpers.hub_process import PASSWORD

SHELVES = 3
LOOK_SECONDS = 0.02
COUNTED = ("query", "execute", "executemany")


class Fuse:
    """Kills this process just before a numbered SQL statement."""

    def __init__(self) -> None:
        self._left = 0
        self._lock = threading.Lock()
        for name in COUNTED:
            setattr(Database, name, self._counting(getattr(Database, name)))

    def light(self, statements: int) -> None:
        with self._lock:
            self._left = statements

    def _counting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            with self._lock:
                self._left -= 1
                if self._left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return method(*arguments)

        return run


def say(*words: object) -> None:
    """One line, in one write: who dies has said it whole or not at all."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def run_hub(fuse: Fuse, path: Path, port: int) -> None:
    def obey() -> None:
        for line in sys.stdin:
            word, _, number = line.strip().partition(" ")
            if word == "die":
                fuse.light(int(number))
        os._exit(0)

    threading.Thread(target=obey, daemon=True).start()
    serve(ServeConfig(path, port=port, on_ready=lambda ready: say("ready", ready.url)))


class Worker:
    """One device that sells: an order and a counted item in each batch."""

    def __init__(self, fuse: Fuse, device: Device, login: str, life: str) -> None:
        self._fuse = fuse
        self._device = device
        self._tag = f"{login}_{life}"
        self._sold = 0

    async def run(self, commands: asyncio.StreamReader) -> None:
        self._device.start()
        await self.downloaded()
        say("ready", self._device.replica.id)
        while line := (await commands.readline()).decode().split():
            await self.obey(*line)

    async def downloaded(self) -> None:
        while True:
            if self._device.replica.count("inventory") == SHELVES:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def obey(self, word: str, number: str = "0") -> None:
        if word == "die":
            self._fuse.light(int(number))
        elif word == "now":
            self._device.sync_now()
        elif word == "where":
            here, outbox = self._device.replica.identity, self._device.replica.outbox()
            unsettled = outbox.waiting + outbox.sent
            say("at", here.hub_epoch or "-", here.cursor, unsettled, outbox.quarantined)
        elif word == "write":
            for _ in range(int(number)):
                self.sell()
                await asyncio.sleep(0)
            say("wrote")

    def sell(self) -> None:
        self._sold += 1
        order, shelf = f"order_{self._tag}_{self._sold}", f"inv_{self._sold % SHELVES + 1}"
        store = "store_seattle"
        with self._device.replica.transaction() as tx:
            tx.insert("orders", {"_id": order, "store_id": store, "shelf": shelf, "lines": 0})
            tx.increment("orders", order, ("lines",), 1)
            tx.increment("inventory", shelf, ("stock_level",), 1)
        say("saved", order, shelf)


async def run_device(fuse: Fuse, path: Path, url: str, login: str, life: str) -> None:
    entropy = SystemEntropy()
    device = await Device.open(path, url, name=login, clock=SystemClock(), entropy=entropy)
    while device.profile is None:
        try:
            await device.sign_in(login, PASSWORD)
        except ZavaError as error:
            say("waits", error.code)
            await asyncio.sleep(LOOK_SECONDS)
    for name in ("orders", "inventory", "devices"):  # all files are compared in the end
        device.register_subscription(f"SELECT * FROM {name}")
    commands = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    await Worker(fuse, device, login, life).run(commands)
    await device.close()


def main(role: str, path: str, *rest: str) -> None:
    fuse = Fuse()
    fuse.light(int(os.environ.get("TORTURE_DIE", "0")))
    if role == "hub":
        run_hub(fuse, Path(path), int(rest[0]))
    else:
        url, login, life = rest
        asyncio.run(run_device(fuse, Path(path), url, login, life))


if __name__ == "__main__":
    main(*sys.argv[1:])
