"""A device that pushes without end is told to slow down, alone, and is let in again."""

from __future__ import annotations

import pytest

from sync.errors import HubBusy
from sync.web import limits
from sync.web.limits import PUSHES_AT_ONCE_MAX, PUSHES_PER_SECOND_MAX, PushLimit
from tests.web.calls import EMPTY_PUSH, assert_error
from tests.web.conftest import Served
from tests.web.doubles import ManualClock


def spent(limit: PushLimit, who: str) -> int:
    """How many pushes go through before one does not."""
    for count in range(10 * PUSHES_AT_ONCE_MAX):
        try:
            limit.spend(who)
        except HubBusy:
            return count
    raise AssertionError("there is no limit")


def test_a_bucket_empties_and_fills_with_time() -> None:
    clock = ManualClock()
    limit = PushLimit(clock)
    assert spent(limit, "ana") == PUSHES_AT_ONCE_MAX
    assert spent(limit, "ana") == 0
    assert spent(limit, "ben") == PUSHES_AT_ONCE_MAX
    clock.move(seconds=2)
    assert spent(limit, "ana") == 2 * PUSHES_PER_SECOND_MAX
    clock.move(seconds=-3_600)
    assert spent(limit, "ana") == 0
    clock.move(seconds=1)
    assert spent(limit, "ana") == PUSHES_PER_SECOND_MAX
    clock.move(seconds=86_400)
    assert spent(limit, "ana") == PUSHES_AT_ONCE_MAX


def test_remembered_devices_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PUSHERS_REMEMBERED_MAX", 100)
    limit = PushLimit(ManualClock())
    for number in range(1_000):
        limit.spend(str(number))
    assert len(limit._buckets) == 100


async def test_too_many_pushes_are_answered_busy_and_time_heals(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PUSHES_AT_ONCE_MAX", 3)
    headers = await served.sign_in()

    async def push() -> int:
        answer = await served.client.post("/v1/push", content=EMPTY_PUSH, headers=headers)
        if answer.status_code != 200:
            assert assert_error(answer, 429, "hub_busy")["retryable"]
        return answer.status_code

    assert [await push() for _ in range(5)] == [200, 200, 200, 429, 429]
    served.clock.move(seconds=1)
    assert await push() == 200
