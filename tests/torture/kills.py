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
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from json import load
from pathlib import Path

from tests.helpers.torture import Child, Ledger, Verdict, children, judge, stock_hub

VICTIMS = (("hub",), ("ana",), ("ben",), ("hub", "ana"), ("ana", "ben"), ("hub", "ana", "ben"))
STATEMENTS_MAX = 1_500
STATEMENTS_OF_OPENING_MAX = 60
SALES_A_ROUND_MAX = 25
LOOKS_MAX = 3_000
LOOK_SECONDS = 0.02
ROUND_SECONDS_MAX = 60


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

    async def run(self, rounds: int, tell: Callable[[str], None]) -> Report:
        began = time.monotonic()
        with children(*self._everybody.values()):
            for number in range(1, rounds + 1):
                async with asyncio.timeout(ROUND_SECONDS_MAX):
                    await self._round()
                self._report.rounds = number
                if number % 50 == 0:
                    sold, seconds = len(self._ledger.saved), time.monotonic() - began
                    tell(f"round {number}: {sold} sales saved, {seconds:.0f} s")
            await self._heal()
        files = [self._files[child.name] for child in self._devices]
        self._report.verdict = judge(self._ledger, self._files["hub"], files)
        self._report.seconds = time.monotonic() - began
        return self._report

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
        seq = self._seq_of_hub()
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
        for _ in range(LOOKS_MAX):
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

    def _seq_of_hub(self) -> int | None:
        """How far the hub's log is; None where its fuse ran out while we asked."""
        try:
            with urllib.request.urlopen(f"{self._url}/v1/health", timeout=10) as answer:
                return int(load(answer)["seq"])
        except (OSError, HTTPException):
            return None

    async def _heal(self) -> None:
        """Nobody dies any more: wait until both devices have read everything, then stop."""
        await self._all_alive(dying=False)
        for _ in range(2):  # the first may have pushed what the second has still to hear
            for device in self._devices:
                await self._settled(device)
        for child in reversed(self._everybody.values()):
            await child.end()

    async def _settled(self, device: Child) -> None:
        for _ in range(LOOKS_MAX):
            device.tell("now")
            device.tell("where")
            words = await device.line()
            if words[0] == "at" and words[2:4] == [str(self._seq_of_hub()), "0"]:
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise AssertionError(f"{device.name} does not catch up: {words}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
