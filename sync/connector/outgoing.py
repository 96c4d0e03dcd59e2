"""From the engine into MongoDB: what the hub has and MongoDB has not, as soon as the hub has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sync.connector.desk import Desk
from sync.connector.ports import Sink, Write
from sync.connector.tally import Tally
from sync.errors.mongo import MongoUnreachable

WRITES_MAX = 1_000
"""Taken at once; the rest waits in the hub's log."""
LOOK_SECONDS = 1.0
"""How long something can wait that nobody rang for."""


class Outgoing:
    """Writes what the engine hands out."""

    def __init__(self, desk: Desk, sink: Sink, tally: Tally) -> None:
        self._desk = desk
        self._sink = sink
        self._tally = tally

    async def write(self, worked: Callable[[], None]) -> None:
        """Write for ever. ``MongoUnreachable`` after a write whose outcome nobody knows."""
        doorbell = self._desk.doorbell
        bell = doorbell.open()
        try:
            while True:
                bell[1].clear()
                writes = await self._desk.do(lambda engine: engine.writes(WRITES_MAX))
                if writes:
                    await self._carry_out(writes)
                    worked()
                    continue
                worked()
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await bell[1].wait()
                except TimeoutError:
                    continue
        finally:
            doorbell.close(bell)

    async def _carry_out(self, writes: list[Write]) -> None:
        results = await self._sink.write(writes)
        await self._desk.do(lambda engine: engine.answered(results))
        self._tally.writes.update(result.outcome for result in results)
        unknown = [result for result in results if result.outcome == "unknown"]
        if unknown:
            raise MongoUnreachable(unknown[0].detail or "The outcome of a write is not known.")
