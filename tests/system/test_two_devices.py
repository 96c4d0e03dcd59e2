"""A worker and a sales rep of one store, both offline, both editing, then online again.

Real sockets, real files. Ben's clock is a minute ahead of Ana's, so it is known whose write is the
later one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.device import Device
from sync.ids import Document
from sync.local import Replica
from tests.helpers.clocks import MINUTE_MS
from tests.helpers.two_devices import Shop, differences, open_shop, told, until

ORDER = "order_1"
ITEMS = ("item_1", "item_2", "item_3")
COUNTED, SOLD_BY_BEN = 37, 2


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


def both_work_offline(ana: Replica, ben: Replica) -> None:
    """Ana counts, moves and notes; Ben sells, notes, and gives up the record Ana is editing."""
    with ana.transaction() as tx:
        tx.restart("inventory", "inv_1", ("stock_level",), COUNTED)
        tx.update("inventory", "inv_1", {"location": {"bin": "14"}, "notes": "recounted by Ana"})
    with ana.transaction() as tx:
        tx.update("inventory", "inv_3", {"notes": "back row, behind the ladders"})
    with ben.transaction() as tx:
        tx.insert("orders", placed())
        for number, item in enumerate(ITEMS, 1):
            tx.insert("order_items", {"_id": item, "order_id": ORDER, **line(number)})
            tx.increment("inventory", f"inv_{number}", ("stock_level",), -SOLD_BY_BEN)
    with ben.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "customer asked, says Ben"})
    with ben.transaction() as tx:
        gone = {"deleted": True, "deleted_at": "2026-11-22T12:01:00Z"}
        tx.update("inventory", "inv_3", gone)


def placed() -> Document:
    return {"_id": ORDER, "store_id": "store_seattle", "customer_id": "cust_SEA", "item_count": 3}


def line(number: int) -> Document:
    return {"store_id": "store_seattle", "product_id": f"prod_{number}", "quantity": SOLD_BY_BEN}


async def pair(shop: Shop) -> tuple[Device, Device]:
    """Ana's and Ben's devices, in step, then cut off; Ben's clock is a minute ahead of hers."""
    ana, ben = await shop.join("ana"), await shop.join("ben")
    await shop.settled()
    ana.online = ben.online = False
    shop.clocks["ana"].move(MINUTE_MS)
    shop.clocks["ben"].move(2 * MINUTE_MS)
    return ana, ben


@pytest.mark.parametrize("order", [("ana", "ben"), ("ben", "ana")], ids="-then-".join)
async def test_everybody_agrees_in_either_order(shop: Shop, order: tuple[str, str]) -> None:
    ana, ben = await pair(shop)
    both_work_offline(ana.replica, ben.replica)
    for login in order:
        shop.devices[login].online = True
        await shop.settled(shop.devices[login])
    await shop.settled()
    assert differences(shop) == []
    for replica in (ana.replica, ben.replica, shop.hub.replica):
        shelf = replica.get("inventory", "inv_1")
        assert shelf is not None
        assert shelf["stock_level"] == COUNTED - SOLD_BY_BEN
        assert shelf["location"] == {"aisle": "3", "shelf": "B", "bin": "14"}
        assert shelf["notes"] == "customer asked, says Ben"
        assert replica.get("orders", ORDER) == placed()
        assert replica.count("order_items") == len(ITEMS)


@pytest.mark.parametrize("order", [("ana", "ben"), ("ben", "ana")], ids="-then-".join)
async def test_the_overwritten_note_is_history_everywhere(
    shop: Shop, order: tuple[str, str]
) -> None:
    ana, ben = await pair(shop)
    both_work_offline(ana.replica, ben.replica)
    for login in order:
        shop.devices[login].online = True
        await shop.settled(shop.devices[login])
    await shop.settled()
    for replica in (ana.replica, ben.replica, shop.hub.replica):
        (record,) = (r for r in told(replica, "inventory", "inv_1") if r.path == ("notes",))
        assert (record.rule, record.loser.value) == ("overwritten", "recounted by Ana")
        assert (record.loser.user, record.winner.user) == ("user_ana", "user_ben")
        assert (record.loser.replica, record.winner.replica) == (ana.replica.id, ben.replica.id)
        assert record.loser.at_ms == shop.clocks["ana"].ms
        assert record.winner.at_ms == shop.clocks["ben"].ms
        assert record.winner.value == "customer asked, says Ben"


async def test_who_edited_a_record_hears_that_it_was_given_up(shop: Shop) -> None:
    ana, ben = await pair(shop)
    both_work_offline(ana.replica, ben.replica)
    ana.online = ben.online = True
    await shop.settled()
    for replica in (ana.replica, ben.replica, shop.hub.replica):
        shelf = replica.get("inventory", "inv_3")
        assert shelf is not None
        assert shelf["deleted"] is True
        assert shelf["notes"] == "back row, behind the ladders"
        (record,) = told(replica, "inventory", "inv_3")
        assert (record.rule, record.loser.user) == ("soft_deleted", "user_ana")
        assert record.winner.user == "user_ben"


async def test_an_order_and_its_lines_arrive_in_one_commit(shop: Shop) -> None:
    ana, ben = await pair(shop)
    both_work_offline(ana.replica, ben.replica)
    live = ana.replica.live("order_items")
    seen: list[tuple[bool, int]] = []

    def look() -> None:  # on the committing thread: what a reader could see at that moment
        there = ana.replica.get("orders", ORDER) is not None
        seen.append((there, ana.replica.count("order_items")))

    live.on_wake(look)
    ana.online = ben.online = True
    await shop.settled()
    await until(lambda: seen)  # told after the commit, on the committing thread
    assert seen == [(True, len(ITEMS))]
    assert {each.row["_id"] for each in live.refresh().inserted} == set(ITEMS)
    sold = [ana.replica.get("inventory", f"inv_{number}") for number in (2, 3)]
    assert [shelf["stock_level"] for shelf in sold if shelf] == [40 - SOLD_BY_BEN] * 2


@pytest.mark.parametrize("order", [("ana", "ben"), ("ben", "ana")], ids="-then-".join)
@pytest.mark.parametrize("sold_later", [True, False], ids=["sold-later", "sold-before"])
async def test_only_what_was_sold_after_the_count_is_taken_off_it(
    shop: Shop, order: tuple[str, str], sold_later: bool
) -> None:
    """C4: whatever the order of arrival; what the count absorbs unseen stands in the history."""
    ana, ben = await pair(shop)
    shop.clocks["ana"].move(0 if sold_later else 3 * MINUTE_MS)
    with ana.replica.transaction() as tx:
        tx.restart("inventory", "inv_1", ("stock_level",), 30)
    with ben.replica.transaction() as tx:
        tx.increment("inventory", "inv_1", ("stock_level",), -5)
    for login in order:
        shop.devices[login].online = True
        await shop.settled(shop.devices[login])
    await shop.settled()
    assert differences(shop) == []
    for replica in (ana.replica, ben.replica, shop.hub.replica):
        shelf = replica.get("inventory", "inv_1")
        assert shelf is not None
        assert shelf["stock_level"] == (25 if sold_later else 30)
        absorbed = [(r.rule, r.loser.value) for r in told(replica, "inventory", "inv_1")]
        assert absorbed == ([] if sold_later else [("absorbed", -5)])


async def test_online_edits_are_seen_live(shop: Shop) -> None:
    ana, ben = await shop.join("ana"), await shop.join("ben")
    live = ben.replica.live("inventory")
    woken: list[bool] = []
    live.on_wake(lambda: woken.append(True))
    with ana.replica.transaction() as tx:
        tx.increment("inventory", "inv_2", ("stock_level",), -1)
    await until(lambda: woken)
    (change,) = live.refresh().updated
    assert change.row["stock_level"] == 39
    live.close()


async def test_work_that_waits_goes_out_after_a_restart(shop: Shop) -> None:
    ana, ben = await pair(shop)
    both_work_offline(ana.replica, ben.replica)
    waiting = ana.replica.outbox().waiting
    assert waiting == 2
    await ana.close()
    ana = await shop.open("ana")
    assert ana.profile is not None
    assert ana.replica.outbox().waiting == waiting
    ana.start()
    ben.online = True
    await shop.settled()
    assert differences(shop) == []
    await until(lambda: ana.status.state == "up_to_date")


async def test_a_device_that_joins_later_holds_what_the_others_hold(shop: Shop) -> None:
    ana, ben = await pair(shop)
    both_work_offline(ana.replica, ben.replica)
    ana.online = ben.online = True
    await shop.settled()
    cleo = await shop.join("cleo")
    for collection in ("inventory", "orders", "order_items", "customers"):
        assert cleo.replica.digest(collection) == ana.replica.digest(collection)
