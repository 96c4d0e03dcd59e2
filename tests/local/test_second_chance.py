"""Losing writes come back by one new write; refused work is edited and sent again (C5, S3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.core.conflicts import Conflict
from sync.device import Device
from sync.local import Replica
from tests.helpers.clocks import MINUTE_MS
from tests.helpers.two_devices import Shop, differences, open_shop, until

STOCK = ("stock_level",)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


async def apart(shop: Shop) -> tuple[Device, Device]:
    """Ana's and Ben's devices offline; Ben's clock is a minute ahead, so that he writes later."""
    ana, ben = await shop.join("ana"), await shop.join("ben")
    await shop.settled()
    ana.online = ben.online = False
    await until(lambda: not ana.status.reachable and not ben.status.reachable)
    shop.clocks["ana"].move(MINUTE_MS)
    shop.clocks["ben"].move(2 * MINUTE_MS)
    return ana, ben


async def together(shop: Shop) -> None:
    for device in shop.devices.values():
        device.online = True
    await shop.settled()


def only(records: list[Conflict]) -> Conflict:
    (record,) = records
    return record


async def test_a_losing_note_is_found_by_every_road_and_restored(shop: Shop) -> None:
    ana, ben = await apart(shop)
    for device, note in ((ana, "mine"), (ben, "theirs")):
        with device.replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": note})
    await together(shop)
    record = only(ana.replica.conflicts("inventory", "inv_1"))
    at_ms = record.loser.at_ms
    for found in (
        ana.replica.conflicts(user="user_ana"),
        ana.replica.conflicts(user="user_ben"),
        ana.replica.conflicts(replica=ana.replica.id),
        ana.replica.conflicts(path=("notes",)),
        ana.replica.conflicts(since_ms=at_ms, until_ms=at_ms + 1),
    ):
        assert found == [record]
    for nothing in (
        ana.replica.conflicts(user="user_cleo"),
        ana.replica.conflicts(path=("note",)),
        ana.replica.conflicts(since_ms=at_ms + 1),
        ana.replica.conflicts(until_ms=at_ms),
    ):
        assert nothing == []
    shop.clocks["ana"].move(2 * MINUTE_MS)
    assert ana.replica.restore(record.id)
    assert not ana.replica.restore("no such record")
    await shop.settled()
    assert differences(shop) == []
    assert (ben.replica.get("inventory", "inv_1") or {})["notes"] == "mine"


async def test_sales_a_count_absorbed_unseen_are_counted_on_with_one_tap(shop: Shop) -> None:
    ana, ben = await apart(shop)
    with ana.replica.transaction() as tx:
        tx.increment("inventory", "inv_1", STOCK, -3)
    with ben.replica.transaction() as tx:
        tx.restart("inventory", "inv_1", STOCK, 40)
    await together(shop)
    record = only(ben.replica.conflicts("inventory", "inv_1"))
    assert (record.rule, record.loser.value) == ("absorbed", -3)
    ben.replica.restore(record.id)
    await shop.settled()
    assert (ana.replica.get("inventory", "inv_1") or {})["stock_level"] == 37
    assert differences(shop) == []


async def test_an_edit_that_met_a_soft_delete_brings_the_record_back(shop: Shop) -> None:
    ana, ben = await apart(shop)
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "still here"})
    with ben.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"deleted": True, "deleted_at": "2026-11-22T12:00:00Z"})
    await together(shop)
    record = only(ana.replica.conflicts("inventory", "inv_1"))
    assert record.rule == "soft_deleted"
    ana.replica.restore(record.id)
    await shop.settled()
    shelf = shop.hub.replica.get("inventory", "inv_1") or {}
    assert (shelf["deleted"], shelf.get("deleted_at"), shelf["notes"]) == (
        False,
        None,
        "still here",
    )


async def test_an_edit_that_met_a_delete_brings_the_whole_document_back(shop: Shop) -> None:
    cleo, ana = await shop.join("cleo"), await shop.join("ana")
    await shop.settled()
    before = ana.replica.get("inventory", "inv_1")
    cleo.online = ana.online = False
    await until(lambda: not cleo.status.reachable and not ana.status.reachable)
    with ana.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "do not throw away"})
    shop.clocks["cleo"].move(MINUTE_MS)
    with cleo.replica.transaction() as tx:
        tx.delete("inventory", "inv_1")
    await together(shop)
    assert ana.replica.get("inventory", "inv_1") is None
    record = only([c for c in cleo.replica.conflicts("inventory") if c.path == ("notes",)])
    cleo.replica.restore(record.id)
    await shop.settled()
    assert cleo.replica.get("inventory", "inv_1") == {**before, "notes": "do not throw away"}
    assert differences(shop) == []


async def test_refused_work_is_edited_and_sent_again(shop: Shop) -> None:
    ana = await shop.join("ana")
    with ana.replica.transaction() as tx:
        tx.insert("customers", {"_id": "cust_new", "primary_store_id": "store_bellevue", "x": 1})
    await until(lambda: ana.status.state == "needs_you")
    (refused,) = ana.replica.quarantine()
    assert refused.code == "out_of_scope"
    assert ana.replica.get("customers", "cust_new") is None
    edits = {("customers", "cust_new"): {"primary_store_id": "store_seattle"}}
    assert ana.replica.resend(refused.n, edits=edits)
    assert not ana.replica.resend(refused.n)
    await until(lambda: ana.status.state == "up_to_date")
    assert ana.replica.quarantine() == []
    found = shop.hub.replica.get("customers", "cust_new") or {}
    assert (found["primary_store_id"], found["x"]) == ("store_seattle", 1)


async def test_refused_changes_of_every_kind_are_written_again_as_they_were(shop: Shop) -> None:
    ana = await shop.join("ana")
    with ana.replica.transaction() as tx:
        tx.insert("customers", {"_id": "cust_new", "primary_store_id": "store_bellevue"})
        tx.increment("inventory", "inv_1", STOCK, -3)
        tx.update("inventory", "inv_2", {"notes": "n", "extra": {"a": {"b": 1}, "empty": {}}})
        tx.unset("inventory", "inv_2", ("location", "bin"))
    await until(lambda: ana.status.state == "needs_you")
    before = stock(ana.replica)
    (refused,) = ana.replica.quarantine()
    edits = {("customers", "cust_new"): {"primary_store_id": "store_seattle"}}
    ana.replica.resend(refused.n, edits=edits)
    await shop.settled()
    shelf = shop.hub.replica.get("inventory", "inv_2") or {}
    assert stock(shop.hub.replica) == before - 3
    assert shelf["notes"] == "n"
    assert shelf["extra"] == {"a": {"b": 1}, "empty": {}}
    assert "bin" not in shelf["location"]
    assert differences(shop) == []


def stock(replica: Replica) -> int:
    return int((replica.get("inventory", "inv_1") or {})["stock_level"])
