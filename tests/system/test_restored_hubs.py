"""The hub is restored from yesterday's backup; devices offer again what it has forgotten (S1)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.device import Device
from tests.helpers.clocks import MINUTE_MS
from tests.helpers.hub_process import open_hub
from tests.helpers.two_devices import PEOPLE, Shop, differences, open_shop, until

STOCK = ("stock_level",)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


async def replace_hub(shop: Shop, change: str) -> None:
    """Stop the hub, ``save`` or ``restore`` its file, and start it again at the same address."""
    await shop.stand.down()
    shop.hub.close()
    for name in ("hub.db", "hub.db-wal"):
        live, saved = shop.folder / name, shop.folder / f"saved-{name}"
        source, target = (live, saved) if change == "save" else (saved, live)
        target.unlink(missing_ok=True)
        if source.exists():
            shutil.copy(source, target)
    shop.seed += 1
    shop.hub = open_hub(shop.folder / "hub.db", PEOPLE, shop.clock, shop.seed * 1_000 + 999)
    shop.stand.hub = shop.hub
    await shop.stand.up()
    for device in shop.devices.values():
        device.sync_now()


def sell(device: Device, pieces: int) -> None:
    with device.replica.transaction() as tx:
        tx.increment("inventory", "inv_1", STOCK, -pieces)


def stock(shop: Shop) -> int:
    return int((shop.hub.replica.get("inventory", "inv_1") or {})["stock_level"])


async def test_a_restart_of_the_hub_costs_no_snapshot(shop: Shop) -> None:
    ana = await shop.join("ana")
    before = ana.status.merged
    await replace_hub(shop, "save")
    sell(ana, 1)
    await shop.settled()
    assert ana.status.merged == before
    assert differences(shop) == []


async def test_acknowledged_work_the_hub_has_forgotten_comes_back(shop: Shop) -> None:
    ana, ben = await shop.join("ana"), await shop.join("ben")
    await shop.settled()
    await replace_hub(shop, "save")
    await shop.settled()
    before = stock(shop)
    sell(ana, 10)
    sell(ben, 100)
    with ben.replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1", "store_id": "store_seattle"})
        tx.insert("order_items", {"_id": "item_1", "store_id": "store_seattle"})
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_2", {"notes": "counted twice"})
    await shop.settled()
    await replace_hub(shop, "restore")
    assert stock(shop) == before
    await until(lambda: shop.hub.replica.get("orders", "order_1") is not None)
    await shop.settled()
    assert stock(shop) == before - 110
    assert differences(shop) == []


async def test_what_a_lost_device_wrote_is_gone_everywhere_alike(shop: Shop) -> None:
    """Nobody can bring back what only the hub and a device that never returns had."""
    ana, ben = await shop.join("ana"), await shop.join("ben")
    await shop.settled()
    await replace_hub(shop, "save")
    await shop.settled()
    before = stock(shop)
    sell(ben, 100)
    await shop.settled()
    ben.online = False
    await until(lambda: not ben.status.reachable)
    await replace_hub(shop, "restore")
    sell(ana, 10)
    await shop.settled(ana)
    assert stock(shop) == before - 10
    assert differences(shop, [ana]) == []
    ben.online = True
    await shop.settled()
    assert stock(shop) == before - 110
    assert differences(shop) == []


async def test_conflicts_across_a_restore_are_judged_alike_everywhere(shop: Shop) -> None:
    ana, ben = await shop.join("ana"), await shop.join("ben")
    await shop.settled()
    await replace_hub(shop, "save")
    for turn in range(5):
        sell(ana, 1)
        shop.clocks["ana"].move(turn)
    await shop.settled()
    ana.online = ben.online = False
    await until(lambda: not ana.status.reachable and not ben.status.reachable)
    shop.clocks["ben"].move(MINUTE_MS)
    for device, note in ((ana, "mine"), (ben, "theirs")):
        with device.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": note})
    await replace_hub(shop, "restore")
    ben.online = True
    await shop.settled(ben)
    ana.online = True
    await shop.settled()
    assert len(shop.hub.replica.conflicts("inventory", "inv_1", path=("notes",))) == 1
    assert differences(shop) == []
