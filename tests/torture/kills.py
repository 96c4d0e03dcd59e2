"""``kill -9`` of devices and hub under load, round after round, and the reckoning at the end.

Every choice comes from the seed: who dies, and after how many statements or sales. Which thread has
got how far by then is the machine's, so a seed repeats the plan of a run, not each of its instants.
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
import urllib.request
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from json import load
from math import inf
from pathlib import Path
from typing import Any

from tests.helpers.torture import Child, Ledger, Verdict, children, judge, stock_hub

VICTIMS = (("hub",), ("ana",), ("ben",), ("hub", "ana"), ("ana", "ben"), ("hub", "ana", "ben"))
STATEMENTS_MAX = 1_500
STATEMENTS_OF_OPENING_MAX = 60
SALES_A_ROUND_MAX = 25
LOOK_SECONDS = 0.02
SILENT_LOOKS_MAX = 6_000
"""Looks in a row that see nothing move before a run is stuck: two minutes on an idle machine. Looks
and no seconds, because a machine that holds up the watched holds up the watcher."""


@dataclass
class Report:
    """The figures of one run."""

    seed: int
    rounds: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    seconds: float = 0
    verdict: Verdict | None = None

    def __str__(self) -> str:
        assert self.verdict is not None
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        verdict = self.verdict
        lines = [
            f"rounds {self.rounds}  seed {self.seed}  seconds {self.seconds:.0f}",
            f"kills {sum(self.kills.values())} ({kills})",
            f"saved {verdict.saved}  committed unreported {verdict.unreported}",
            f"lost {len(verdict.lost)}  doubled {len(verdict.doubled)}"
            f"  quarantined {verdict.quarantined}  disagreeing {len(verdict.disagreeing)}",
            *verdict.lost[:20],
            *verdict.doubled[:20],
            *verdict.disagreeing[:5],
            f"again: python -m tests.torture --rounds {self.rounds} --seed {self.seed}",
        ]
        return "\n".join(lines)


class Campaign:
    """A hub, two devices of one store, and a plan of how they die."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._report = Report(seed)
        self._ledger = Ledger()
        self._files = {name: folder / f"{name}.db" for name in ("hub", "ana", "ben")}
        stock_hub(self._files["hub"])
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        self._hub = Child("hub", "hub", str(self._files["hub"]), str(port))
        self._devices = [
            Child(name, "device", str(self._files[name]), self._url, name)
            for name in ("ana", "ben")
        ]
        self._everybody = {child.name: child for child in (self._hub, *self._devices)}
        self._seq = 0
        self._read: list[str] = []

    async def run(
        self, rounds: int, tell: Callable[[str], None], seconds_max: float = inf
    ) -> Report:
        """So many rounds, or as many as fit into so many seconds, and the reckoning."""
        began = time.monotonic()
        with children(*self._everybody.values()):
            for number in range(1, rounds + 1):
                await self.unless_stuck(self._round())
                self._report.rounds = number
                if time.monotonic() - began > seconds_max:
                    break
                if number % 50 == 0:
                    sold, seconds = len(self._ledger.saved), time.monotonic() - began
                    tell(f"round {number}: {sold} sales saved, {seconds:.0f} s")
            await self.unless_stuck(self._heal())
        files = [self._files[child.name] for child in self._devices]
        self._report.verdict = judge(self._ledger, self._files["hub"], files)
        self._report.seconds = time.monotonic() - began
        return self._report

    async def unless_stuck(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait for work for as long as anything moves, however slowly."""
        task = asyncio.create_task(work)
        signs, silent = self._signs(), 0
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=LOOK_SECONDS)
                before, signs = signs, self._signs()
                silent = silent + 1 if signs == before else 0
                assert silent < SILENT_LOOKS_MAX, f"nothing moves any more: {signs}"
        finally:
            task.cancel()
        await task

    def _signs(self) -> object:
        """What changes while there is progress: births, deaths, sales, and what has been read."""
        lives = [(child.lives, child.is_alive, child.wrote) for child in self._everybody.values()]
        return lives, len(self._ledger.saved), self._read

    async def _round(self) -> None:
        chance = self._random
        await self._all_alive(dying=True)
        victims = [self._everybody[name] for name in chance.choice(VICTIMS)]
        after_sales = None
        if chance.random() < 0.5:
            for victim in victims:
                victim.tell("die", 1 + chance.randrange(STATEMENTS_MAX))
        else:
            after_sales = chance.randrange(SALES_A_ROUND_MAX)
        for device in self._devices:
            device.wrote = False
            device.tell("now")
            device.tell("write", 1 + chance.randrange(SALES_A_ROUND_MAX))
        await self._watch(victims, after_sales)

    async def _all_alive(self, *, dying: bool) -> None:
        """Start whoever is dead; where ``dying``, some of them die once more while they start."""
        for child in self._everybody.values():
            while not child.is_alive:
                if child.lives:
                    self._report.kills[child.name] = self._report.kills.get(child.name, 0) + 1
                again = dying and child.lives and self._random.random() < 0.2
                fuse = 1 + self._random.randrange(STATEMENTS_OF_OPENING_MAX) if again else 0
                await child.start(fuse)
        seq = await self._seq_of_hub()
        if seq is None:
            await self._hub.gone()
            await self._all_alive(dying=False)
        else:
            assert seq >= self._seq, f"the hub came back at {seq} and had told of {self._seq}"
            self._seq = seq

    async def _watch(self, victims: list[Child], after_sales: int | None) -> None:
        """Read what the devices say until every victim is dead."""
        listening = [asyncio.create_task(self._listen(each)) for each in self._devices]
        before = len(self._ledger.saved)
        while True:
            due = after_sales is not None and len(self._ledger.saved) - before >= after_sales
            idle = all(device.wrote or not device.is_alive for device in self._devices)
            if due or (idle and self._random.random() < 0.1):
                for victim in victims:
                    victim.kill()
            if not any(victim.is_alive for victim in victims) and idle:
                break
            await asyncio.sleep(LOOK_SECONDS / 4)
        await asyncio.gather(*listening)

    async def _listen(self, device: Child) -> None:
        while not device.wrote and (words := await device.line()):
            if words[0] == "saved":
                self._ledger.note(words[1], words[2])
            device.wrote = words[0] == "wrote"

    async def _seq_of_hub(self) -> int | None:
        """How far the hub's log is; None where its fuse ran out while we asked."""
        while self._hub.is_alive:
            with suppress(OSError, HTTPException):
                return await asyncio.to_thread(self._asked_for_seq)
            await asyncio.sleep(LOOK_SECONDS)
        return None

    def _asked_for_seq(self) -> int:
        with urllib.request.urlopen(f"{self._url}/v1/health", timeout=10) as answer:
            return int(load(answer)["seq"])

    async def _heal(self) -> None:
        """Nobody dies any more: wait until both devices have read everything, then stop."""
        await self._all_alive(dying=False)
        for _ in range(2):  # the first may have pushed what the second has still to hear
            for device in self._devices:
                await self._settled(device)
        for child in reversed(self._everybody.values()):
            await child.end()

    async def _settled(self, device: Child) -> None:
        while True:
            device.tell("now")
            device.tell("where")
            self._read = await device.line()
            if self._read[0] == "at" and self._read[2:4] == [str(await self._seq_of_hub()), "0"]:
                return
            await asyncio.sleep(LOOK_SECONDS)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
