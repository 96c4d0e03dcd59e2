"""From the streams into the engine: one delivery, one commit, then the next is asked for.

That a delivery is asked for only when the one before is durable is all the back-pressure there is:
what a hub cannot take yet stays in MongoDB.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from sync.connector.around import Around
from sync.connector.desk import Desk
from sync.connector.engine import Engine
from sync.connector.events import Bson, Delivery, Invalidated
from sync.connector.heartbeat import Heartbeat
from sync.connector.source import MongoSource
from sync.connector.tally import Tally
from sync.connector.trial import HEARTBEATS
from sync.errors import ZavaError

SAVE_IDLE_MS = 5_000
"""How often the place in a stream is saved while nothing happens in it: far more often than a
server forgets its history."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Listening:
    """One stream that is listened to, and how far that is saved."""

    stream: str
    names: Collection[str]
    saved: str | None
    saved_at_ms: int = 0
    waits: bool = False
    """Whether the last delivery ended within a transaction, which the next one completes."""
    ended: bool = False

    def has_to_save(self, token: str, now_ms: int) -> bool:
        """Whether a delivery without events is to be taken for its place alone."""
        is_old = now_ms - self.saved_at_ms >= SAVE_IDLE_MS
        return self.waits or (token != self.saved and is_old)

    def took(self, delivery: Delivery, now_ms: int) -> None:
        """A delivery is durable."""
        self.saved, self.saved_at_ms = delivery.token, now_ms
        self.waits = bool(delivery.events and delivery.events[-1].transaction)
        self.ended = any(isinstance(event, Invalidated) for event in delivery.events)


class Incoming:
    """Listens to the streams of one connector."""

    def __init__(
        self, desk: Desk, source: MongoSource, heartbeat: Heartbeat, tally: Tally, around: Around
    ) -> None:
        self._desk = desk
        self._source = source
        self._heartbeat = heartbeat
        self._tally = tally
        self._clock = around.clock

    async def listen(self, stream: str, names: Collection[str], worked: Callable[[], None]) -> None:
        """Take what a stream delivers, for ever; ``names`` are the collections it tells of.

        Raises ``PositionLost``, and named errors after which it may be called again.
        """
        while True:
            listening = _Listening(stream, names, await self._desk.do(lambda e: e.position(stream)))
            async with aclosing(self._source.watch(stream, listening.saved)) as deliveries:
                while not listening.ended:
                    mark = await self._desk.do(lambda engine: engine.mark())
                    await self._handle(listening, self._heard(await anext(deliveries)), mark)
                    self._tally.open_streams.add(stream)
                    worked()
            self._tally.open_streams.discard(stream)

    async def _handle(self, listening: _Listening, delivery: Delivery, mark: int) -> None:
        now_ms = self._clock.now_ms()
        if delivery.events or listening.has_to_save(delivery.token, now_ms):
            await self._take(listening.stream, delivery)
            listening.took(delivery, now_ms)
        if not delivery.events:
            await self._settle(mark, listening.names)

    async def listen_to_heartbeats(self, worked: Callable[[], None]) -> None:
        """The heartbeats' own stream, where no stream of the database brings them."""
        async with aclosing(self._source.watch(HEARTBEATS, None)) as deliveries:
            async for delivery in deliveries:
                self._heard(delivery)
                worked()

    def _heard(self, delivery: Delivery) -> Delivery:
        """The delivery without what is the connector's own."""
        beats = [event for event in delivery.events if event.collection == HEARTBEATS]
        for event in beats:
            self._heartbeat.hear(event)
        if not beats:
            return delivery
        rest = tuple(event for event in delivery.events if event.collection != HEARTBEATS)
        return replace(delivery, events=rest)

    async def _take(self, stream: str, delivery: Delivery) -> None:
        try:
            await self._desk.do(lambda e: e.take(stream, delivery), rings=bool(delivery.events))
        except ZavaError:
            raise
        except Exception:
            _log.exception("A delivery of %s cannot be taken as a whole.", stream or "the database")
            await self._take_apart(stream, delivery)
        self._tally.events += len(delivery.events)

    async def _take_apart(self, stream: str, delivery: Delivery) -> None:
        """The same in the smallest parts, each skipped that is at fault: one poisoned document
        must not stop the rest (M6). The audit finds what was skipped."""
        units = groupby(delivery.events, key=lambda each: each.transaction or each.token)
        for unit in [tuple(events) for _, events in units]:
            part = Delivery(unit, unit[-1].token)
            try:
                await self._desk.do(partial(Engine.take, stream=stream, delivery=part), rings=True)
            except ZavaError:
                raise
            except Exception:
                self._tally.skipped += len(unit)
                _log.exception("%d events of %s were skipped.", len(unit), unit[0].collection)
        await self._desk.do(lambda e: e.take(stream, Delivery((), delivery.token)))

    async def _settle(self, mark: int, names: Collection[str]) -> None:
        """The stream had nothing to tell when it was asked: what was written before is settled."""

        def step(engine: Engine) -> list[tuple[str, Bson]]:
            if not engine.under_way:
                return []
            engine.settle(mark, names)
            return [each for each in engine.doubtful() if each[0] in names]

        doubtful = await self._desk.do(step)
        for collection, keys in _by_collection(doubtful):
            images = await self._source.read(collection, keys)
            step_back = partial(Engine.refresh, collection=collection, keys=keys, images=images)
            await self._desk.do(step_back, rings=True)


def _by_collection(found: Iterable[tuple[str, Bson]]) -> list[tuple[str, list[Bson]]]:
    keys: dict[str, list[Bson]] = {}
    for collection, key in found:
        keys.setdefault(collection, []).append(key)
    return list(keys.items())
