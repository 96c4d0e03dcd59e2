"""What the hub has goes out; a write whose carrier is stopped does not hold its document."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from sync.connector.desk import Desk
from sync.connector.engine import Engine
from sync.connector.events import Delivery
from sync.connector.outgoing import Outgoing
from sync.connector.ports import Write, WriteResult
from sync.connector.tally import Tally
from sync.errors.mongo import MongoUnreachable
from sync.hub.doorbell import Doorbell
from tests.connector.bench import Bench
from tests.helpers.connectors import until


class Scripted:
    """A sink that answers with one outcome, or not at all."""

    def __init__(self, outcome: str | None = "applied") -> None:
        self.outcome = outcome
        self.asked: list[Write] = []

    async def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        self.asked += writes
        if self.outcome is None:
            await asyncio.Event().wait()
        return [WriteResult(each.number, self.outcome) for each in writes]  # type: ignore[arg-type]


class Stand:
    """A hub with one new product, and what carries it out."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.tally = Tally()
        self.desk = Desk(self.bench.engine, Doorbell())
        self.outgoing = Outgoing(self.desk, self.tally)
        with self.bench.hub.transaction() as tx:
            tx.insert("products", {"_id": "prod_1", "product_id": "prod_1", "price": 9.5})

    async def write(self, sink: Scripted) -> None:
        task = asyncio.create_task(self.outgoing.write(sink, lambda: None))
        try:
            await until(lambda: sink.asked or task.done())
            await until(lambda: sink.outcome is None or self.tally.writes or task.done())
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def test_a_new_document_goes_out_and_is_answered() -> None:
    stand, sink = Stand(), Scripted()
    await stand.write(sink)
    assert [each.doc_id for each in sink.asked] == ["prod_1"]
    assert stand.tally.writes == {"applied": 1}


async def test_an_unknown_outcome_is_told_so_that_somebody_waits() -> None:
    stand = Stand()
    with pytest.raises(MongoUnreachable):
        await stand.write(Scripted("unknown"))
    assert stand.tally.writes == {"unknown": 1}


async def test_a_write_that_nobody_answered_goes_out_again_when_the_stream_shows_nothing() -> None:
    stand = Stand()
    await stand.write(Scripted(None))
    assert stand.bench.engine.under_way == 1

    again = Scripted()
    task = asyncio.create_task(stand.outgoing.write(again, lambda: None))
    try:
        await until(lambda: _settled(stand, again))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [each.doc_id for each in again.asked] == ["prod_1"]


async def _settled(stand: Stand, sink: Scripted) -> bool:
    """The stream is asked and has nothing to tell, as often as it takes."""

    def step(engine: Engine) -> None:
        mark = engine.mark()
        engine.take("", Delivery((), "t"))
        engine.settle(mark)

    await stand.desk.do(step)
    return bool(sink.asked)
