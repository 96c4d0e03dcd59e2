"""What the lab follows on its devices, with a wake that leaves no time between note and look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.state.lab_follow import Following
from tests.app.conftest import AtOnce
from tests.app.lab_shop import STORE, lab_documents
from tests.app.sales_shop import SAM, order
from tests.helpers.flet_device import ANA, BEN, StandInDevice, StillClock, replica_with


@pytest.fixture
async def devices() -> AsyncIterator[dict[str, Any]]:
    made = {
        key: StandInDevice(replica_with(lab_documents(), StillClock()), profile)
        for key, profile in (("a", ANA), ("b", BEN))
    }
    yield made
    for each in made.values():
        await each.close()


async def test_the_newest_order_is_new_however_early_one_looks(devices: dict[str, Any]) -> None:
    wake = AtOnce()
    following = Following(devices, wake, lambda: None, lambda _agreement: None)
    following.begin(STORE)
    newest = following.newest["a"]
    assert newest.now() is None
    with devices["a"].replica.transaction() as tx:
        tx.insert("orders", order("order_1", SAM, "SEA-A1-0001", "2026-11-20T10:00:00Z"))
        tx.insert("order_items", {"_id": "item_1", "order_id": "order_1"})
    seen = newest.now()
    assert seen is not None
    assert (seen.code, seen.items, seen.items_here, seen.mark) == ("SEA-A1-0001", 2, 1, "saved")
    await following.close()


async def test_what_moves_together_is_told_once(devices: dict[str, Any]) -> None:
    wake, told = AtOnce(), []
    following = Following(devices, wake, lambda: told.append(1), lambda _agreement: None)
    for device in devices.values():
        with device.replica.transaction() as tx:
            tx.increment("inventory", "inv_1", ("stock_level",), -1)
            tx.update("products", "prod_1", {"sku": "SKU-9"})
        device.become(waiting=1)
    assert (len(wake.waiting), told) == (1, [])
    wake.waiting.pop()()
    assert told == [1]
    await following.close()
    with devices["a"].replica.transaction() as tx:
        tx.update("products", "prod_1", {"sku": "SKU-10"})
    assert wake.waiting == []
