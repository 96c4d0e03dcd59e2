"""MongoDB, the hub and a device, over real sockets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from tests.helpers.connectors import plan, two_ways, until

Mongo = AsyncMongoClient[dict[str, Any]]
SHELF = {"_id": "inv_1", "store_id": "store_seattle", "product_id": "prod_1", "stock_level": 40}


async def prepared(mongo: Mongo, database: str) -> None:
    for name in ("orders", "customers"):
        field = name.removesuffix("s") + "_id"
        await mongo[database][name].create_index([(field, 1)], unique=True)
    await mongo[database]["inventory"].insert_one(dict(SHELF))


async def test_a_change_in_mongodb_reaches_a_device_and_an_order_of_it_mongodb(
    tmp_path: Path, mongo: Mongo, mongo_uri: str, database: str
) -> None:
    await prepared(mongo, database)
    async with two_ways(tmp_path, mongo_uri, plan(database)) as both:
        device = await both.join("ana")
        await until(lambda: device.replica.get("inventory", "inv_1"))

        inventory = mongo[database]["inventory"]
        await inventory.update_one({"_id": "inv_1"}, {"$set": {"notes": "by the door"}})
        await until(lambda: _field(device.replica.get("inventory", "inv_1"), "notes"))

        with device.replica.transaction() as tx:
            order = {"_id": "order_1", "order_id": "order_1", "store_id": "store_seattle"}
            tx.insert("orders", {**order, "total": 9.5})
            tx.increment("inventory", "inv_1", ("stock_level",), -3)

        async def arrived() -> bool:
            order = await mongo[database]["orders"].find_one({"order_id": "order_1"})
            shelf = await inventory.find_one({"_id": "inv_1"})
            return order is not None and _field(shelf, "stock_level") == 37

        await until(arrived)
        order_there = await mongo[database]["orders"].find_one({"order_id": "order_1"})
        assert _field(order_there, "total") == 9.5

        await inventory.update_one({"_id": "inv_1"}, {"$inc": {"stock_level": -2}})
        await until(lambda: _field(device.replica.get("inventory", "inv_1"), "stock_level") == 35)
        await until(both.is_idle)
        assert _field(await inventory.find_one({"_id": "inv_1"}), "stock_level") == 35
        assert (await both.connector.status()).lag_ms is not None


def _field(document: Any, name: str) -> Any:
    return None if document is None else document.get(name)
