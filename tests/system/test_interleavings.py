"""Three devices in the hands of chance: a hundred steps each, then the network heals.

A seed decides everything that is done; what the network makes of it is not ours to decide, and must
not matter. To replay: the seed stands in the name of the test.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from sync.device import Device
from sync.local import Transaction
from tests.helpers.replicas import shelf
from tests.helpers.two_devices import Shop, differences, open_shop, until

STEPS = 100
SEEDS = 4
STEP_MS = 500
TURNS_MAX = 40
"""Of the event loop between two steps, so that some work meets the network half-way."""
CREW = ("ana", "ben", "cleo")
SHELVES = ("inv_1", "inv_2", "inv_3")
NOTES = (("notes",), ("location", "bin"), ("tags", "fragile"), ("tags", "heavy"))


class Chance:
    """What happens in one run, and a ledger of what must come of it."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.random = random.Random(seed)
        self.made = 0
        self.sold: Counter[str] = Counter()
        self.orders: set[str] = set()

    async def step(self) -> None:
        login = self.random.choice(CREW)
        device = self.shop.devices[login]
        if self.random.random() < 0.15:
            device.online = not device.online
        elif self.random.random() < 0.1 and device.online:
            await self.shop.settled(device)
        else:
            self.work(device)
        self.shop.clocks[login].move(self.random.randrange(STEP_MS))
        for _ in range(self.random.randrange(TURNS_MAX)):
            await asyncio.sleep(0)

    def work(self, device: Device) -> None:
        """One transaction of one to three changes of inventory, or an order."""
        doings = (self.edit, self.edit, self.sell, self.count, self.unset, self.soft_delete)
        rarer = (self.delete, self.insert, self.order)
        with device.replica.transaction() as tx:
            for _ in range(self.random.randint(1, 3)):
                doing = self.random.choice(doings + rarer * (self.random.random() < 0.4))
                doing(tx)

    def shelf(self, tx: Transaction) -> str | None:
        """A shelf that is there for this device."""
        doc_id = self.random.choice(SHELVES)
        return doc_id if tx.get("inventory", doc_id) is not None else None

    def edit(self, tx: Transaction) -> None:
        if doc_id := self.shelf(tx):
            *maps, last = self.random.choice(NOTES)
            value: object = self.random.choice(["a", "b", None, 7, ["x"]])
            for name in (last, *maps):
                value = {name: value}
            tx.update("inventory", doc_id, value)  # type: ignore[arg-type]

    def sell(self, tx: Transaction) -> None:
        if doc_id := self.shelf(tx):
            tx.increment("inventory", doc_id, ("stock_level",), -self.random.randint(1, 3))

    def count(self, tx: Transaction) -> None:
        if doc_id := self.shelf(tx):
            tx.restart("inventory", doc_id, ("stock_level",), self.random.randint(0, 60))

    def unset(self, tx: Transaction) -> None:
        if doc_id := self.shelf(tx):
            tx.unset("inventory", doc_id, self.random.choice([("notes",), ("tags",)]))

    def soft_delete(self, tx: Transaction) -> None:
        if doc_id := self.shelf(tx):
            tx.update("inventory", doc_id, {"deleted": self.random.random() < 0.5})

    def delete(self, tx: Transaction) -> None:
        """Hard: customers, since a worker may not remove a shelf."""
        if tx.get("customers", "cust_SEA") is not None:
            tx.delete("customers", "cust_SEA")

    def insert(self, tx: Transaction) -> None:
        if tx.get("customers", "cust_SEA") is None:
            tx.insert("customers", {"_id": "cust_SEA", "primary_store_id": "store_seattle"})
        else:
            tx.update("customers", "cust_SEA", {"phone": str(self.random.randrange(10))})

    def order(self, tx: Transaction) -> None:
        self.made += 1
        order = f"order_{self.made}"
        tx.insert("orders", {"_id": order, "store_id": "store_seattle"})
        for number in (1, 2):
            item = {"_id": f"{order}_{number}", "order_id": order, "store_id": "store_seattle"}
            tx.insert("order_items", item)
            doc_id = f"till_{number}"
            tx.increment("inventory", doc_id, ("stock_level",), -1)
            self.sold[doc_id] += 1
        self.orders.add(order)


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_happened_they_agree_in_the_end(tmp_path: Path, seed: int) -> None:
    async with open_shop(tmp_path, seed=seed) as shop:
        shop.write(*(("inventory", shelf(f"till_{n}", stock_level=500)) for n in (1, 2)))
        for login in CREW:
            await shop.join(login)
        await shop.settled()
        chance = Chance(shop, seed)
        for _ in range(STEPS):
            await chance.step()
        for login in CREW:
            shop.devices[login].online = True
        await shop.settled()
        assert differences(shop) == []
        for device in shop.devices.values():
            assert {order["_id"] for order in device.replica.find("orders")} == chance.orders
            assert device.replica.count("order_items") == 2 * len(chance.orders)
            for doc_id, sold in chance.sold.items():
                till = device.replica.get("inventory", doc_id)
                assert till is not None
                assert till["stock_level"] == 500 - sold
            await until(lambda device=device: device.status.state == "up_to_date")
            assert device.replica.quarantine() == []
