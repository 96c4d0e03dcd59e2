"""The scenario on two real devices and a real hub: in either order, with right answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import scenario
from app.comparison import Digests, compare, compare_collection
from app.domain.errors import DomainError
from app.scenario import Cast, Counted, Sold, Verdict, choose_cast, verify
from app.scenario_verdict import Arrivals
from sync.device import Device
from tests.app.lab_shop import STORE, lab_documents
from tests.helpers.flet_device import StillClock, replica_with
from tests.helpers.two_devices import Shop, open_shop

AT = "2026-11-22T12:00:00Z"
LATER_MS = 60_000


@dataclass
class Played:
    """Two devices that both hold everything, and what watches them."""

    shop: Shop
    worker: Device
    rep: Device
    cast: Cast

    async def apart(self) -> None:
        self.worker.online = self.rep.online = False

    async def heal(self, *order: Device) -> None:
        for device in order:
            device.online = True
            await self.shop.settled(device)
        await self.shop.settled()

    def verdict(self, counted: Counted, sold: Sold, watching: dict[str, Arrivals]) -> Verdict:
        replicas = {
            "worker": self.worker.replica,
            "rep": self.rep.replica,
            "hub": self.shop.hub.replica,
        }
        return verify(replicas, self.cast, counted, sold, watching)


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Played]:
    async with open_shop(tmp_path, up=False) as shop:
        shop.write(*lab_documents())
        await shop.stand.up()
        worker, rep = await shop.join("ana"), await shop.join("ben")
        await shop.settled()
        yield Played(shop, worker, rep, choose_cast(worker.replica))


def test_a_device_without_data_has_no_cast() -> None:
    replica = replica_with([], StillClock())
    with pytest.raises(DomainError) as refused:
        choose_cast(replica)
    assert refused.value.code == "device_unknown"
    with pytest.raises(DomainError) as refused:
        choose_cast(replica, STORE)
    assert refused.value.code == "scenario_data_missing"
    replica.close()


async def test_everybody_chooses_the_same_cast(played: Played) -> None:
    assert choose_cast(played.rep.replica) == played.cast
    assert choose_cast(played.shop.hub.replica, STORE) == played.cast


@pytest.mark.parametrize("worker_first", [True, False])
async def test_a_sale_after_the_count_counts(played: Played, worker_first: bool) -> None:
    await played.apart()
    arrivals = {"worker": Arrivals(played.worker.replica)}
    counted = scenario.worker_offline(played.worker.replica, played.cast, AT)
    played.shop.clocks["ben"].move(LATER_MS)
    sold = scenario.rep_offline(played.rep.replica, played.cast, AT)
    order = (played.worker, played.rep) if worker_first else (played.rep, played.worker)
    await played.heal(*order)
    verdict = played.verdict(counted, sold, arrivals)
    assert verdict.ok, json.dumps(verdict.to_json(), indent=1)
    assert verdict.stock.actual == {"worker": 34, "rep": 34, "hub": 34}
    assert (verdict.note.lost, verdict.note.lost_by) == (scenario.WORKER_NOTE, "user_ana")
    assert verdict.note.lost_on == played.worker.replica.id
    assert (verdict.note.kept_by, verdict.removal.kept_by) == ("user_ben", "user_ana")
    removed = played.rep.replica.get("inventory", played.cast.removed_inventory_id) or {}
    assert (removed["deleted"], removed["notes"]) == (True, scenario.EDITED_NOTE)
    arrivals["worker"].close()


async def test_a_sale_before_the_count_is_in_the_count(played: Played) -> None:
    await played.apart()
    sold = scenario.rep_offline(played.rep.replica, played.cast, AT)
    played.shop.clocks["ana"].move(LATER_MS)
    counted = scenario.worker_offline(played.worker.replica, played.cast, AT)
    await played.heal(played.rep, played.worker)
    verdict = played.verdict(counted, sold, {})
    assert verdict.ok, json.dumps(verdict.to_json(), indent=1)
    assert not verdict.stock.sold_after_count
    assert set(verdict.stock.actual.values()) == {scenario.COUNTED_PIECES}


async def test_apart_the_first_difference_is_told(played: Played) -> None:
    await played.apart()
    counted = scenario.worker_offline(played.worker.replica, played.cast, AT)
    sold = scenario.rep_offline(played.rep.replica, played.cast, AT)
    verdict = played.verdict(counted, sold, {})
    assert not (verdict.converged or verdict.ok)
    difference = verdict.comparison.first_difference
    assert difference is not None
    assert (difference.collection, difference.field) == ("inventory", "location.bin")
    assert json.loads(json.dumps(verdict.to_json()))["converged"] is False
    await played.heal(played.worker, played.rep)


async def test_what_only_one_side_holds_is_a_difference(played: Played) -> None:
    await played.apart()
    with played.rep.replica.transaction() as tx:
        tx.insert("customers", {"_id": "cust_new", "primary_store_id": STORE})
    found = compare({"a": played.worker.replica, "b": played.rep.replica}, STORE, ["customers"])
    assert not found.converged
    assert found.first_difference is not None
    assert found.first_difference.values == {"a": None, "b": "here"}


async def test_remembered_hashes_follow_every_change(played: Played) -> None:
    replicas = {"a": played.worker.replica, "b": played.rep.replica}
    digests = {key: Digests(replica) for key, replica in replicas.items()}

    def equal() -> bool:
        return compare_collection(replicas, STORE, "inventory", digests).equal

    assert equal()
    await played.apart()
    scenario.count_product(played.worker.replica, played.cast, AT)
    assert not equal()
    await played.heal(played.worker, played.rep)
    assert equal()


def test_an_order_that_comes_in_pieces_is_noticed() -> None:
    replica = replica_with([], StillClock())
    watching = Arrivals(replica)
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1", "item_count": 1})
    with replica.transaction() as tx:
        tx.insert("order_items", {"_id": "item_1", "order_id": "order_1"})
    assert not watching.together("order_1")
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_2", "item_count": 1})
        tx.insert("order_items", {"_id": "item_2", "order_id": "order_2"})
    assert watching.together("order_2")
    watching.close()
    replica.close()
