"""What torture tests share: processes one can talk to, and a ledger of what was reported saved."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sync.local import Replica
from sync.system import SystemClock, SystemEntropy
from tests.helpers.hub_process import ROOT, open_hub
from tests.helpers.two_devices import ANA, BEN, tiny_data

COLLECTIONS = ("orders", "inventory", "devices")
STOCK_AT_FIRST = 40


class Child:
    """A process of ``tests.torture.processes``, its lines, and how often it has lived."""

    def __init__(self, name: str, *arguments: str) -> None:
        self.name = name
        self.lives = 0
        self.wrote = True
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, die_after: int = 0) -> bool:
        """Start it and wait until it is ready; False if it died before that, as it may be told."""
        self.lives += 1
        self.wrote = True
        life = (str(self.lives),) if self._arguments[0] == "device" else ()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.torture.processes", *self._arguments, *life),
            cwd=ROOT,
            env={**os.environ, "TORTURE_DIE": str(die_after)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        while line := await self.line():
            if line[0] == "ready":
                return True
        return False

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def line(self) -> list[str]:
        """The words of the next line; none when the process is gone."""
        assert self._process is not None
        assert self._process.stdout is not None
        words = (await self._process.stdout.readline()).decode().split()
        if not words:
            code = await self._process.wait()
            assert code == -signal.SIGKILL, f"{self.name} fell over by itself: exit code {code}"
        return words

    def tell(self, *words: object) -> None:
        """Give it a line to obey; one that has just died hears nothing."""
        if self._process is not None and self._process.stdin is not None and self.is_alive:
            self._process.stdin.write((" ".join(map(str, words)) + "\n").encode())

    async def gone(self) -> None:
        """Wait until it is dead."""
        while await self.line():
            pass

    def kill(self) -> None:
        if self._process is not None and self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)  # its own kill() would reap as well

    async def end(self) -> None:
        """Close its input, as a person closes a program, and wait."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.communicate()


@dataclass
class Ledger:
    """Every sale that a device reported as saved: order → shelf."""

    saved: dict[str, str] = field(default_factory=dict)

    def note(self, order: str, shelf: str) -> None:
        assert order not in self.saved, f"{order} was reported twice"
        self.saved[order] = shelf


@dataclass(frozen=True)
class Verdict:
    """What became of the sales, over the hub and every device. ``unreported`` are sales committed
    in the instant before a death; there may be one for each life of a device."""

    saved: int
    unreported: int
    lost: list[str]
    doubled: list[str]
    quarantined: int
    disagreeing: list[str]

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.quarantined or self.disagreeing)


def judge(ledger: Ledger, hub: Path, devices: list[Path]) -> Verdict:
    """Compare closed files with the ledger and with one another."""
    lost, doubled, digests, quarantined = [], [], [], 0
    unreported: set[str] = set()
    for path in (hub, *devices):
        with closing(reopened(path, "hub" if path == hub else "device")) as replica:
            sold = {str(each["_id"]): each for each in replica.find("orders")}
            lost += [f"{path.name}: {order}" for order in ledger.saved.keys() - sold.keys()]
            doubled += [f"{path.name}: {i} {d['lines']}" for i, d in sold.items() if d["lines"] > 1]
            lost += [f"{path.name}: {i} line" for i, d in sold.items() if d["lines"] < 1]
            unreported |= sold.keys() - ledger.saved.keys()
            counted = Counter(str(order["shelf"]) for order in sold.values())
            for shelf in replica.find("inventory"):
                off = shelf["stock_level"] - STOCK_AT_FIRST - counted[str(shelf["_id"])]
                if off:
                    (doubled if off > 0 else lost).append(f"{path.name}: {shelf['_id']} {off}")
            quarantined += len(replica.quarantine())
            digests.append({name: replica.digest(name) for name in COLLECTIONS})
    disagreeing = [str(each) for each in digests if each != digests[0]]
    return Verdict(len(ledger.saved), len(unreported), lost, doubled, quarantined, disagreeing)


def reopened(path: Path, kind: str) -> Replica:
    return Replica.open(path, clock=SystemClock(), entropy=SystemEntropy(), kind=kind)


def stock_hub(path: Path) -> None:
    """A hub's file with two people of one store and its shelves."""
    hub = open_hub(path, (ANA, BEN), SystemClock())
    with closing(hub), hub.replica.transaction() as tx:
        for collection, document in tiny_data():
            if document.get("store_id") != "store_bellevue" and collection != "devices":
                tx.insert(collection, document)


@contextmanager
def children(*members: Child) -> Iterator[None]:
    """No child outlives the block."""
    try:
        yield
    finally:
        for member in members:
            member.kill()
