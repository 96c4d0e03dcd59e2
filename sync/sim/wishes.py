"""What devices of the simulated shop subscribe to, and how they change their minds (S4).

The conditions look at fields that the verbs change: stores, shelves' places, notes, soft deletes.
"""

from __future__ import annotations

import random
from typing import Any

from sync.query.subscription import Subscription
from sync.sim.device_node import DeviceNode
from sync.sim.workload import STORES

_ITEMS = "SELECT * FROM order_items WHERE"
WISHES = (
    *("SELECT * FROM products", "SELECT * FROM customers", "SELECT * FROM orders"),
    *("SELECT * FROM inventory", "SELECT * FROM order_items", "SELECT * FROM secrets"),
    "SELECT * FROM inventory WHERE store_id = :store",
    "SELECT * FROM inventory WHERE deleted = false",
    "SELECT * FROM inventory WHERE notes = 'as delivered'",
    "SELECT * FROM inventory WHERE location.aisle = '3'",
    "SELECT * FROM orders WHERE state = 'placed'",
    "SELECT * FROM order_items WHERE store_id = :store",
    "SELECT * FROM customers WHERE primary_store_id = :store",
    f"{_ITEMS} order_id IN (SELECT order_id FROM orders WHERE state = 'placed')",
    f"{_ITEMS} order_id IN (SELECT _id FROM orders WHERE store_id = :store AND deleted IS MISSING)",
    f"{_ITEMS} order_id NOT IN (SELECT order_id FROM orders WHERE deleted = true)",
    f"{_ITEMS} EXISTS (SELECT 1 FROM orders WHERE orders.order_id = order_items.order_id"
    " AND orders.store_id = order_items.store_id AND state = 'picked')",
    f"{_ITEMS} EXISTS (SELECT 1 FROM orders WHERE state = 'picked')",
    f"{_ITEMS} order_id IN (SELECT order_id FROM orders WHERE customer_id IN"
    " (SELECT _id FROM customers WHERE moved IS MISSING))",
    "SELECT * FROM inventory WHERE product_id IN (SELECT _id FROM products WHERE sku = 'SKU-1')",
)
WAYS = ("widen", "widen", "widen", "narrow", "narrow", "cancel", "again")


def wish(chance: random.Random, rough: float) -> dict[str, Any]:
    """One change of mind."""
    return {
        "way": chance.choice(WAYS),
        "wishes": [chance.randrange(len(WISHES)) for _ in range(chance.randint(1, 3))],
        "store": chance.randrange(len(STORES)),
    }


def change_mind(device: DeviceNode, detail: dict[str, Any]) -> None:
    """Ask for more, for less, for what the role is given, or for the same again."""
    subscriptions = device.replica.subscriptions
    way, asked = detail["way"], subscriptions.asked()
    wishes = [_subscription(number, STORES[detail["store"]]) for number in detail["wishes"]]
    if way == "widen":
        for each in wishes:
            subscriptions.add(each)
    elif way == "narrow":
        for each in asked[:1]:
            subscriptions.cancel(each)
    else:
        for each in asked:
            subscriptions.cancel(each)
        for each in asked if way == "again" else ():
            subscriptions.add(each)


def _subscription(number: int, store: str) -> Subscription:
    text = WISHES[number]
    return Subscription.of(text, {"store": store} if ":store" in text else {})
