"""The initial sync (M2): a collection in the order of ``_id``, chunk by chunk.

Its stream is open already. After a kill it goes on at the last chunk; after a lost position it
begins anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sync.connector.around import Around
from sync.connector.config import Limits
from sync.connector.desk import Desk
from sync.connector.engine import Engine
from sync.connector.events import Bson
from sync.connector.ports import Chunk
from sync.connector.source import MongoSource
from sync.connector.tally import Tally


@dataclass(frozen=True, slots=True)
class Far:
    """How far the initial sync of a collection is. ``eta_seconds`` is None until it is known."""

    collection: str
    done: int
    total: int
    eta_seconds: int | None


class InitialSync:
    """Takes the snapshots that are due."""

    def __init__(
        self,
        desk: Desk,
        source: MongoSource,
        tally: Tally,
        limits: Mapping[str, Limits],
        around: Around,
    ) -> None:
        self._desk = desk
        self._source = source
        self._tally = tally
        self._limits = limits
        self._stopwatch = around.stopwatch
        self._sleep = around.sleep
        self.far: dict[str, Far] = {}
        """Snapshots under way."""

    async def take(self, collection: str, is_open: Callable[[], bool]) -> bool:
        """One whole snapshot; False where it has to begin anew, or its stream is gone."""
        at = await self._source.now()
        total = await self._source.count(collection)
        limits, began = self._limits[collection], self._stopwatch.ticks_ns()
        first: int | None = None
        try:
            while is_open():
                place = await self._desk.do(lambda engine: _place(engine, collection))
                if place is None:
                    return False
                number, after, done = place
                first = done if first is None else first
                self.far[collection] = self._far(collection, done, max(total, done), first, began)
                chunk = await self._source.chunk(collection, after, limits.batch_documents)
                step = partial(_taken, collection=collection, number=number, chunk=chunk, at=at)
                if not is_open() or not await self._desk.do(step, rings=True):
                    return False
                self._tally.images += len(chunk.images)
                if not chunk.images:
                    return True
                if limits.documents_per_second:
                    await self._sleep(len(chunk.images) * 1_000 // limits.documents_per_second)
        finally:
            self.far.pop(collection, None)
        return False

    def _far(self, collection: str, done: int, total: int, first: int, began: int) -> Far:
        seconds = (self._stopwatch.ticks_ns() - began) / 1e9
        here = done - first
        eta = round((total - done) * seconds / here) if here else None
        return Far(collection, done, total, eta)


def _place(engine: Engine, collection: str) -> tuple[int, Bson | None, int] | None:
    """Number of the snapshot, where it goes on, how much it has; None where none is due."""
    if collection not in engine.due():
        return None
    after, done = engine.resume_after(collection)
    return _number(engine, collection), after, done


def _taken(engine: Engine, collection: str, number: int, chunk: Chunk, at: int) -> bool:
    """Take a chunk, unless the snapshot it belongs to has been given up meanwhile."""
    if collection not in engine.due() or _number(engine, collection) != number:
        return False
    if chunk.images:
        engine.images(collection, chunk)
    else:
        engine.finish(collection, at)
    return True


def _number(engine: Engine, collection: str) -> int:
    return next(each.round for each in engine.progress() if each.name == collection)
