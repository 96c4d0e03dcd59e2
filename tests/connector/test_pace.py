"""Idle streams cost nothing, and a server that is down is not stormed."""

from __future__ import annotations

from sync.connector.pace import REST_MS_MAX, Backoff, Pace
from tests.helpers.clocks import SeededEntropy

AWAIT_MS = 250


class HeldTime:
    """Time that passes only while somebody sleeps, or as the test says."""

    def __init__(self) -> None:
        self.ms = 0
        self.slept: list[int] = []

    def ticks_ns(self) -> int:
        return self.ms * 1_000_000

    async def sleep(self, ms: int) -> None:
        self.slept.append(ms)
        self.ms += ms


async def test_a_server_that_answers_at_once_is_asked_ever_less() -> None:
    time = HeldTime()
    pace = Pace(time, time.sleep, AWAIT_MS)
    looks = 0
    while time.ms < 60_000:
        pace.look()
        looks += 1
        await pace.rest()
    assert looks < 60_000 / REST_MS_MAX + 10


async def test_a_server_that_waited_itself_is_asked_again_at_once() -> None:
    time = HeldTime()
    pace = Pace(time, time.sleep, AWAIT_MS)
    for _ in range(3):
        pace.look()
        time.ms += AWAIT_MS
        await pace.rest()
    assert time.slept == []


async def test_after_a_change_the_next_looks_come_soon() -> None:
    time = HeldTime()
    pace = Pace(time, time.sleep, AWAIT_MS)
    for _ in range(10):
        pace.look()
        await pace.rest()
    pace.found()
    pace.look()
    await pace.rest()
    assert time.slept[-2] == REST_MS_MAX
    assert time.slept[-1] < 10


async def test_tries_come_ever_slower_until_one_succeeds() -> None:
    time = HeldTime()
    backoff = Backoff(SeededEntropy(), time.sleep)
    for _ in range(12):
        await backoff.failed()
    assert max(time.slept[:2]) < 1_000 < max(time.slept)
    backoff.succeeded()
    await backoff.failed()
    assert time.slept[-1] < 500
