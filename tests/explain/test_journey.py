"""The journey of a record: from the device it was made on to everybody's, and what nobody knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync.device import Device
from sync.explain.journey import Delivery, Landed, Trip, steps
from sync.ids import Document
from sync.local import Replica
from tests.helpers.clocks import MINUTE_MS, NOON_MS
from tests.helpers.replicas import acknowledged, waiting_payloads
from tests.helpers.two_devices import BELLEVUE, SEATTLE, Shop, open_shop, until


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


def journey(replica: Replica, doc_id: str = "order_1") -> list[Document]:
    return replica.system.journey("orders", doc_id)


def reached(change: Document) -> dict[str, bool]:
    """Which steps a change has done."""
    return {step["stage"]: step["done"] for step in change["steps"]}


def told(change: Document, stage: str) -> dict[str, Any]:
    (step,) = (step for step in change["steps"] if step["stage"] == stage)
    return step


def order(device: Device, store: str = SEATTLE) -> None:
    with device.replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1", "store_id": store, "status": "open"})
        for number in (1, 2):
            item = {"_id": f"item_{number}", "store_id": store, "order_id": "order_1"}
            tx.insert("order_items", item)


async def offline(shop: Shop, login: str) -> Device:
    device = await shop.join(login)
    device.online = False
    await until(lambda: not device.status.reachable)
    return device


class TestOnTheDevice:
    async def test_step_by_step(self, shop: Shop) -> None:
        ben = await offline(shop, "ben")
        order(ben)
        (change,) = journey(ben.replica)
        assert reached(change) == {"committed": True, "sent": False, "accepted": False}
        assert told(change, "committed")["at_ms"] == NOON_MS
        said = told(change, "committed")["text"]
        assert said == "user_ben saved it on this device (change 1: 2 order_items, 1 orders)."
        waiting_payloads(ben.replica)
        (change,) = journey(ben.replica)
        assert "being offered" in told(change, "sent")["text"]
        shop.clocks["ben"].move(MINUTE_MS)
        acknowledged(ben.replica, 1)
        (change,) = journey(ben.replica)
        assert reached(change) == {"committed": True, "sent": True, "accepted": False}
        assert told(change, "sent")["at_ms"] == NOON_MS + MINUTE_MS

    async def test_what_the_hub_accepted(self, shop: Shop) -> None:
        ben = await shop.join("ben")
        order(ben)
        await shop.settled(ben)
        (change,) = journey(ben.replica)
        assert reached(change) == {"committed": True, "sent": True, "accepted": True}
        assert change["seq"] == shop.hub.replica.identity.seq
        assert change["devices"] is None

    async def test_what_the_hub_refused(self, shop: Shop) -> None:
        ben = await shop.join("ben")
        order(ben, BELLEVUE)
        await until(lambda: ben.replica.quarantine())
        (change,) = journey(ben.replica)
        assert reached(change) == {"committed": True, "sent": True, "refused": True}
        ben.replica.discard(1)
        assert told(journey(ben.replica)[0], "refused")["text"].endswith("It was given up here.")

    async def test_what_was_written_again_under_another_id_is_told_once(self, shop: Shop) -> None:
        ben = await offline(shop, "ben")
        order(ben)
        ben.replica.reissue()
        (change,) = journey(ben.replica)
        assert change["replica"] == ben.replica.id

    async def test_what_others_did(self, shop: Shop) -> None:
        ana, ben = await shop.join("ana"), await shop.join("ben")
        order(ben)
        await shop.settled(ana, ben)
        (change,) = journey(ana.replica)
        assert (change["person"], change["device"]) == ("user_ben", "Ben's handheld")
        assert told(change, "accepted")["done"]

    async def test_what_nobody_knows(self, shop: Shop) -> None:
        ana = await shop.join("ana")
        assert journey(ana.replica, "order_99") == []


class TestAtTheHub:
    async def test_it_reaches_the_devices_of_the_store(self, shop: Shop) -> None:
        ana, ben = await offline(shop, "ana"), await shop.join("ben")
        await shop.join("dara")  # of another store
        order(ben)
        await shop.settled(ben)
        (change,) = journey(shop.hub.replica)
        assert (change["person"], change["device"]) == ("Ben", "Ben's handheld")
        assert change["devices"] == [
            {"replica": ana.replica.id, "device": "Ana's handheld", "state": "waiting"}
        ]
        assert "It waits for Ana's handheld." in told(change, "delivered")["text"]
        assert told(change, "accepted")["at_ms"] == shop.clock.ms
        ana.online = True
        await shop.settled(ana)
        (change,) = journey(shop.hub.replica)
        assert change["devices"][0]["state"] == "sent"
        for _ in range(2):
            with ana.replica.transaction() as tx:
                tx.update("orders", "order_1", {"status": "picked"})
            await shop.settled(ana)
        first, *_ = journey(shop.hub.replica)
        assert first["devices"][0]["state"] == "read"

    async def test_the_work_of_the_hub_is_not_sent_to_it(self, shop: Shop) -> None:
        shop.write(("orders", {"_id": "order_1", "store_id": SEATTLE}))
        (change,) = journey(shop.hub.replica)
        assert [step["stage"] for step in change["steps"]] == [
            "committed",
            "accepted",
            "delivered",
            "in_mongodb",
        ]
        assert told(change, "delivered")["text"] == "No other device is to have it."

    async def test_a_refused_change_goes_no_further(self, shop: Shop) -> None:
        ben = await shop.join("ben")
        order(ben, BELLEVUE)
        await until(lambda: ben.replica.quarantine())
        (change,) = journey(shop.hub.replica)
        assert list(reached(change)) == ["committed", "sent", "refused"]

    async def test_a_connector_is_asked_where_there_is_one(self, shop: Shop) -> None:
        shop.write(("orders", {"_id": "order_1", "store_id": SEATTLE}))
        assert "No connector" in told(journey(shop.hub.replica)[0], "in_mongodb")["text"]
        seq = shop.hub.replica.identity.seq
        asked: list[tuple[str, str]] = []

        def in_mongodb(collection: str, doc_id: str) -> Landed:
            asked.append((collection, doc_id))
            return Landed(seq, NOON_MS)

        shop.hub.journeys.in_mongodb = in_mongodb
        assert told(journey(shop.hub.replica)[0], "in_mongodb")["done"]
        assert asked == [("orders", "order_1")]


class TestWords:
    trip = Trip("r", 1, "till 1", "Ana", NOON_MS, {}, "accepted", seq=7, readers=())

    @pytest.mark.parametrize(
        ("connector", "landed", "words"),
        [
            (False, None, "No connector to MongoDB runs here."),
            (True, None, "The connector has not written it to MongoDB."),
            (True, Landed(6), "MongoDB has it as it was before."),
            (True, Landed(7, problem="duplicate_id."), "MongoDB does not have it: duplicate_id."),
            (True, Landed(7, NOON_MS), "MongoDB has it since 2026-11-22 12:00:00 UTC."),
        ],
    )
    def test_where_it_is_in_mongodb(
        self, connector: bool, landed: Landed | None, words: str
    ) -> None:
        *_, last = steps(replace(self.trip, connector=connector, landed=landed))
        assert (last.text, last.done) == (words, " since " in words)

    def test_many_devices_are_counted_and_not_all_named(self) -> None:
        readers = tuple(Delivery(f"{n}", f"till {n}", "waiting") for n in range(5))
        delivered = steps(replace(self.trip, readers=readers))[-2]
        assert delivered.text.endswith("It waits for till 0, till 1, till 2, 2 others.")
