"""What a stream delivers goes in one commit at a time, and one poisoned event stops nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from sync.connector.around import Around
from sync.connector.connection import connect
from sync.connector.desk import Desk
from sync.connector.engine import Engine
from sync.connector.events import Delivery, Event, Image, Inserted, Invalidated, Updated
from sync.connector.heartbeat import STALLED_MS, Heartbeat
from sync.connector.incoming import Incoming
from sync.connector.tally import Tally
from sync.connector.trial import HEARTBEATS
from sync.errors.mongo import MongoUnreachable
from sync.hub.doorbell import Doorbell
from tests.connector.bench import Bench
from tests.helpers.clocks import NOON_MS, FixedClock, SeededEntropy
from tests.helpers.connectors import until


class Scripted:
    """A source that delivers what it was given, then waits for ever."""

    def __init__(self, *deliveries: Delivery | Exception) -> None:
        self._deliveries = list(deliveries)
        self.opened_after: list[str | None] = []

    async def watch(self, stream: str, after: str | None) -> AsyncGenerator[Delivery, None]:
        self.opened_after.append(after)
        while self._deliveries:
            found = self._deliveries.pop(0)
            if isinstance(found, Exception):
                raise found
            yield found
        await asyncio.Event().wait()

    async def read(self, collection: str, keys: list[Any]) -> tuple[Image, ...]:
        return ()


class Stand:
    """An engine that is told by a scripted source."""

    def __init__(self, *deliveries: Delivery | Exception) -> None:
        self.bench = Bench()
        self.source = Scripted(*deliveries)
        self.tally = Tally()
        self.clock = FixedClock(NOON_MS)
        around = Around(self.clock, SeededEntropy(), _Ticks(), _no_sleep)
        nowhere = connect("mongodb://127.0.0.1:1/")["zava"]
        self.heartbeat = Heartbeat(nowhere, "zava", around)
        desk = Desk(self.bench.engine, Doorbell())
        self.incoming = Incoming(desk, self.source, self.heartbeat, self.tally, around)  # type: ignore[arg-type]

    async def listen(self, done: Any) -> None:
        task = asyncio.create_task(self.incoming.listen("", ["products"], lambda: None))
        try:
            await until(lambda: done() or task.done())
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


class _Ticks:
    def ticks_ns(self) -> int:
        return 0


async def _no_sleep(ms: int) -> None:
    await asyncio.sleep(0)


def inserted(number: int, key: str = "") -> Event:
    key = key or f"prod_{number}"
    document = {"_id": key, "product_id": key, "n": number}
    return Inserted("products", 0, f"token {number}", None, key, document)


def held(stand: Stand) -> set[str]:
    return {str(each["_id"]) for each in stand.bench.hub.find("products")}


async def test_deliveries_are_taken_in_order_with_their_place() -> None:
    stand = Stand(Delivery((inserted(1), inserted(2)), "token 2"), Delivery((inserted(3),), "t 3"))
    await stand.listen(lambda: stand.tally.events == 3)
    assert held(stand) == {"prod_1", "prod_2", "prod_3"}
    assert stand.bench.engine.position("") == "t 3"
    assert stand.tally.open_streams == {""}


async def test_one_poisoned_event_is_skipped_and_the_rest_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take = Engine.take

    def poisoned(self: Engine, stream: str, delivery: Delivery) -> None:
        if any(getattr(event, "key", "") == "poison" for event in delivery.events):
            raise ZeroDivisionError
        take(self, stream, delivery)

    monkeypatch.setattr(Engine, "take", poisoned)
    stand = Stand(Delivery((inserted(1), inserted(2, "poison"), inserted(3)), "token 3"))
    await stand.listen(lambda: stand.tally.events == 3)
    assert held(stand) == {"prod_1", "prod_3"}
    assert stand.tally.skipped == 1
    assert stand.bench.engine.position("") == "token 3"


async def test_after_an_end_of_the_stream_another_begins_now() -> None:
    end = Invalidated("", 0, "the end", None)
    first = Delivery((inserted(1),), "token 1")
    stand = Stand(first, Delivery((end,), "the end"), Delivery((inserted(2),), "token 2"))
    await stand.listen(lambda: stand.tally.events == 3)
    assert stand.source.opened_after == [None, None]
    assert stand.bench.engine.due(), "collections are compared anew"


async def test_what_the_line_does_is_told_to_whoever_called() -> None:
    stand = Stand(Delivery((inserted(1),), "token 1"), MongoUnreachable("MongoDB does not answer."))
    with pytest.raises(MongoUnreachable):
        await stand.listen(lambda: False)
    assert held(stand) == {"prod_1"}


async def test_the_place_of_a_quiet_stream_is_saved_now_and_then() -> None:
    quiet = [Delivery((), f"quiet {number}") for number in range(5)]
    stand = Stand(*quiet)
    await stand.listen(lambda: not stand.source._deliveries)
    assert stand.bench.engine.position("") == "quiet 0"


async def test_heartbeats_are_heard_and_go_no_further() -> None:
    document = {"_id": "heartbeat:zava", "beat": NOON_MS}
    beat = Inserted(HEARTBEATS, 0, "token 1", None, "heartbeat:zava", document)
    stand = Stand(Delivery((beat,), "token 1"), Delivery((inserted(2),), "token 2"))
    stand.clock.move(40)
    await stand.listen(lambda: stand.tally.events == 1)
    assert stand.heartbeat.lag_ms == 40
    assert not stand.heartbeat.is_stalled()
    stand.clock.move(STALLED_MS + 1)
    assert stand.heartbeat.is_stalled()


async def test_only_ones_own_beats_of_this_life_count() -> None:
    stand = Stand()
    for key, beat in (("heartbeat:other", NOON_MS), ("heartbeat:zava", NOON_MS - 1)):
        stand.heartbeat.hear(Updated(HEARTBEATS, 0, "t", None, key, None, {"beat": beat}))
    assert stand.heartbeat.lag_ms is None
