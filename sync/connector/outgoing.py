"""From the engine into MongoDB: what the hub has and MongoDB has not, as soon as the hub has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from sync.connector.desk import Bell, Desk
from sync.connector.engine import Engine
from sync.connector.ports import Sink, Write, WriteResult
from sync.connector.tally import Tally
from sync.errors.mongo import MongoUnreachable

WRITES_MAX = 1_000
"""Taken at once; the rest waits in the hub's log."""
LOOK_SECONDS = 1.0
"""How long something can wait that nobody rang for."""


class Outgoing:
    """Writes what the engine hands out, one handful after the other."""

    def __init__(self, desk: Desk, tally: Tally) -> None:
        self._desk = desk
        self._tally = tally
        self._handed: list[Write] = []
        """Handed out and not answered. Kept by the engine's thread, whatever becomes of the task
        that asked: a write that nobody ever answers would hold its document for ever."""

    async def write(self, sink: Sink, worked: Callable[[], None]) -> None:
        """Write for ever. ``MongoUnreachable`` after a write whose outcome nobody knows."""
        doorbell = self._desk.doorbell
        bell = doorbell.open()
        try:
            await self._desk.do(self._give_up)
            while True:
                bell[1].clear()
                writes = await self._desk.do(self._hand_out)
                if writes:
                    await self._carry_out(sink, writes)
                worked()
                if not writes:
                    await _rung(bell)
        finally:
            doorbell.close(bell)

    def _hand_out(self, engine: Engine) -> list[Write]:
        self._handed = engine.writes(WRITES_MAX)
        return self._handed

    def _answered(self, engine: Engine, results: Sequence[WriteResult]) -> None:
        engine.answered(results)
        self._handed = []

    def _give_up(self, engine: Engine) -> None:
        """Whoever carried the last writes out was stopped: what became of them is not known."""
        if self._handed:
            self._answered(engine, [WriteResult(each.number, "unknown") for each in self._handed])

    async def _carry_out(self, sink: Sink, writes: list[Write]) -> None:
        results = await sink.write(writes)
        await self._desk.do(partial(self._answered, results=results))
        self._tally.writes.update(result.outcome for result in results)
        unknown = [result for result in results if result.outcome == "unknown"]
        if unknown:
            raise MongoUnreachable(unknown[0].detail or "The outcome of a write is not known.")


async def _rung(bell: Bell) -> None:
    """Wait until somebody rings, or it is time to look anyway."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            await bell[1].wait()
