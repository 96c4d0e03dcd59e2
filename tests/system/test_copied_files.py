"""A replica's file is copied or restored, and nothing is lost or counted twice (C8)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.device import Device
from tests.helpers.two_devices import Shop, differences, open_shop, until

STOCK = ("stock_level",)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


def sell(device: Device, pieces: int) -> None:
    with device.replica.transaction() as tx:
        tx.increment("inventory", "inv_1", STOCK, -pieces)


def stock(device: Device) -> int:
    held = device.replica.get("inventory", "inv_1")
    assert held is not None
    return int(held["stock_level"])


async def closed_offline(shop: Shop) -> None:
    """Ana's device, cut off with one sale unsent, and closed so that its file is whole."""
    ana = shop.devices["ana"]
    ana.online = False
    await until(lambda: not ana.status.reachable)
    sell(ana, 10)
    await ana.close()


def copy_file(source: Path, target: Path) -> None:
    for name in (source, *(source.with_name(source.name + end) for end in ("-wal", "-recent"))):
        if name.exists():
            shutil.copy(name, target.with_name(target.name + name.name[len(source.name) :]))


async def reopened(shop: Shop, login: str, file: str) -> Device:
    """A device over a file of Ana's, not running yet."""
    held = shop.devices.pop(login, None)
    device = await Device.open(
        shop.folder / file,
        shop.stand.url,
        name=login,
        clock=shop.clocks["ana"],
        entropy=held.replica.parts.entropy if held else shop.hub.replica.parts.entropy,
    )
    shop.devices[login] = device
    return device


async def test_a_copied_file_becomes_a_device_of_its_own(shop: Shop) -> None:
    before = stock(await shop.join("ana"))
    await closed_offline(shop)
    copy_file(shop.folder / "ana.db", shop.folder / "copy.db")
    ana = await reopened(shop, "ana", "ana.db")
    sell(ana, 100)
    ana.start()
    await shop.settled(ana)
    copy = await reopened(shop, "copy", "copy.db")
    sell(copy, 1_000)
    first_id = copy.replica.id
    copy.start()
    await shop.settled(ana, copy)
    assert copy.replica.id != first_id == ana.replica.id
    assert stock(ana) == stock(copy) == before - 10 - 100 - 1_000
    assert shop.hub.replica.digest("inventory", ["inv_1"]) == copy.replica.digest(
        "inventory", ["inv_1"]
    )
    assert differences(shop, [ana]) == []


async def test_a_restored_backup_reads_its_own_later_work_back(shop: Shop) -> None:
    before = stock(await shop.join("ana"))
    await closed_offline(shop)
    copy_file(shop.folder / "ana.db", shop.folder / "backup.db")
    ana = await reopened(shop, "ana", "ana.db")
    sell(ana, 100)
    ana.start()
    await shop.settled(ana)
    await ana.close()
    restored = await reopened(shop, "ana", "backup.db")
    restored.start()
    await shop.settled(restored)
    assert stock(restored) == before - 10 - 100
    assert differences(shop, [restored]) == []


@pytest.mark.parametrize("clock_moves_ms", [0, 1])
async def test_a_restored_backup_that_counts_the_shelf_again_finds_the_sale_it_had_forgotten(
    shop: Shop, clock_moves_ms: int
) -> None:
    """What it writes meanwhile bears the numbers of what it forgot, the stamps as well where the
    clock stands, and is not the same (C5)."""
    ana = await shop.join("ana")
    await ana.close()
    copy_file(shop.folder / "ana.db", shop.folder / "backup.db")
    ana = await reopened(shop, "ana", "ana.db")
    sell(ana, 100)
    ana.start()
    await shop.settled(ana)
    await ana.close()
    restored = await reopened(shop, "ana", "backup.db")
    shop.clocks["ana"].move(clock_moves_ms)
    with restored.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "under the stairs"})
    with restored.replica.transaction() as tx:
        tx.restart("inventory", "inv_1", STOCK, 7)
    restored.start()
    await shop.settled(restored)
    (absorbed,) = shop.hub.replica.conflicts(collection="inventory", doc_id="inv_1")
    assert (absorbed.rule, absorbed.path, absorbed.loser.value) == ("absorbed", STOCK, -100)
    assert restored.replica.conflicts(collection="inventory", doc_id="inv_1") == [absorbed]
    assert stock(restored) == 7
    assert differences(shop, [restored]) == []


async def test_an_answer_to_the_old_id_says_nothing_about_work_under_the_new_one(
    shop: Shop,
) -> None:
    ana = await shop.open("ana")
    with ana.replica.transaction() as tx:
        tx.insert("customers", {"_id": "cust_new", "primary_store_id": "store_seattle"})
    (offered,) = ana.replica.sending.take()
    ana.replica.reissue()
    ana.replica.sending.acknowledge(offered.replica, offered.n)
    assert ana.replica.outbox().waiting == 1
    ana.replica.sending.acknowledge(ana.replica.id, 1)
    assert ana.replica.outbox().waiting == 0
