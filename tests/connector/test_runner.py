"""What a connector does when something fails again and again: it waits, ever longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from sync.connector.around import Around
from sync.connector.engine import Engine
from sync.connector.incoming import Incoming
from sync.connector.runner import Connector
from sync.errors import DatabaseUnwritable, ZavaError
from sync.errors.mongo import MongoUnreachable, PositionLost
from sync.hub.doorbell import Doorbell
from tests.connector.bench import Bench
from tests.helpers.clocks import SeededEntropy
from tests.helpers.connectors import plan, real_surroundings, until

TRIES = 6


@pytest.mark.parametrize("error", [PositionLost("The place is lost."), MongoUnreachable("Gone.")])
async def test_what_fails_for_ever_is_tried_after_pauses(
    error: ZavaError, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[int] = []

    async def rest(ms: int) -> None:
        pauses.append(ms)
        await asyncio.sleep(0)

    async def fails(worked: Callable[[], None]) -> None:
        raise error

    around = replace(real_surroundings(), entropy=SeededEntropy(), sleep=rest)
    connector = _connector(around)
    trying = asyncio.create_task(connector._kept_up("orders", fails))
    try:
        await until(lambda: len(pauses) >= TRIES)
    finally:
        trying.cancel()
        await asyncio.gather(trying, return_exceptions=True)
        await connector.close()
    assert max(pauses) > 500, "pauses grow"
    assert connector.tally.failures["orders"] >= TRIES
    assert len(caplog.records) == 1, "the log says it once"


async def test_a_file_that_fails_while_a_place_is_lost_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = 0

    def full(self: Engine, stream: str, reason: str) -> None:
        nonlocal told
        told += 1
        raise DatabaseUnwritable("The disk is full.")

    async def rest(ms: int) -> None:
        await asyncio.sleep(0)

    async def lost(self: Incoming, *_: object) -> None:
        raise PositionLost("The place is lost.")

    monkeypatch.setattr(Engine, "lost", full)
    monkeypatch.setattr(Incoming, "listen", lost)
    connector = _connector(replace(real_surroundings(), entropy=SeededEntropy(), sleep=rest))
    listening = connector._listening("orders", ["orders"])
    trying = asyncio.create_task(connector._kept_up("orders", listening))
    try:
        await until(lambda: told >= 3 or trying.done())
        assert not trying.done(), "it is tried again"
    finally:
        trying.cancel()
        await asyncio.gather(trying, return_exceptions=True)
        await connector.close()


async def test_the_log_says_when_everything_works_again(caplog: pytest.LogCaptureFixture) -> None:
    tries = 0

    async def rest(ms: int) -> None:
        await asyncio.sleep(0)

    async def fails_twice(worked: Callable[[], None]) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise MongoUnreachable("Gone.")
        for _ in range(3):
            worked()

    around = replace(real_surroundings(), entropy=SeededEntropy(), sleep=rest)
    connector = _connector(around)
    await connector._kept_up("check", fails_twice, for_ever=False)
    await connector.close()
    assert [each.getMessage() for each in caplog.records] == [
        "check: Gone.",
        "MongoDB and the hub exchange again.",
    ]


def _connector(around: Around) -> Connector:
    return Connector(Bench().hub, "mongodb://127.0.0.1:1/", plan("zava"), around, Doorbell())
