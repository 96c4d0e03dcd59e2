"""Devices whose clocks are decades wrong still merge by real time, once the hub has spoken (C1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.core.stamps import CLOCK_DRIFT_MS_MAX, ms_of_hlc
from tests.helpers.clocks import DAY_MS, NOON_MS, FixedClock
from tests.helpers.hub_process import PASSWORD
from tests.helpers.two_devices import Shop, differences, open_shop, until

YEARS = 365 * DAY_MS


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


@pytest.mark.parametrize("off_ms", [70 * YEARS, -50 * YEARS], ids=["2096", "1976"])
async def test_work_of_a_wrong_clock_lands_at_its_real_time(shop: Shop, off_ms: int) -> None:
    shop.clocks["ana"] = FixedClock(NOON_MS)
    ana, ben = await shop.join("ana"), await shop.join("ben")
    ana.online = False
    await until(lambda: not ana.status.reachable)
    shop.clocks["ana"].move(off_ms)
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "by a wrong clock"})
    ana.online = True
    await shop.settled()
    shop.clocks["ben"].move(60_000)
    with ben.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "a minute later"})
    await shop.settled()
    assert ana.replica.quarantine() == []
    assert differences(shop) == []
    held = ana.replica.get("inventory", "inv_1")
    assert held is not None
    assert held["notes"] == "a minute later"


async def test_a_device_that_starts_in_the_future_learns_better_at_sign_in(shop: Shop) -> None:
    shop.clocks["ana"] = FixedClock(NOON_MS + 70 * YEARS)
    ana = await shop.open("ana")
    with ana.replica.transaction() as tx:
        tx.insert("customers", {"_id": "cust_new", "primary_store_id": "store_seattle"})
    await ana.sign_in("ana", PASSWORD)
    assert ms_of_hlc(ana.replica.identity.clock.last) <= NOON_MS + CLOCK_DRIFT_MS_MAX


async def test_what_may_have_left_the_device_keeps_its_stamps(shop: Shop) -> None:
    ana = await shop.join("ana")
    ana.online = False
    await until(lambda: not ana.status.reachable)
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "offered"})
    (offered,) = ana.replica.sending.take()
    shop.clocks["ana"].move(70 * YEARS)
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_2", {"notes": "never offered"})
    ana.online = True
    await shop.settled()
    held = shop.hub.replica.parts.log.of(ana.replica.id, offered.n)
    assert held is not None
    assert held.digest == offered.digest
    assert ana.replica.quarantine() == []
    assert differences(shop) == []
