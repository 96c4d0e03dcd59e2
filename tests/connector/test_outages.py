"""MongoDB down and back, and what a person sees meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect

from tests.helpers.connectors import plan, two_ways, until
from tests.helpers.mongo_server import MongoServer

Mongo = AsyncMongoClient[dict[str, Any]]
SHELF = {"_id": "inv_1", "store_id": "store_seattle", "product_id": "prod_1", "stock_level": 40}
ONE = "mongodb: {{database: {database}}}\ncollections: [{{name: inventory}}]\n"
EVEN = ONE + "settings: {{retry_strategy: {{backoff_multiplier: 1}}}}\n"
"""Pauses that do not grow, so that no test waits out the last of them."""


async def test_mongodb_may_go_and_come_back(tmp_path: Path, own_server: MongoServer) -> None:
    uri = own_server.uri + "?serverSelectionTimeoutMS=300"
    async with (
        Mongo(own_server.uri) as mongo,
        two_ways(tmp_path, uri, plan("zava", EVEN)) as both,
    ):
        inventory = mongo["zava"]["inventory"]
        await inventory.insert_one(dict(SHELF))
        await until(lambda: both.hub.replica.get("inventory", "inv_1"))
        await until(both.is_idle)
        own_server.kill()

        with both.hub.replica.transaction() as tx:
            tx.increment("inventory", "inv_1", ("stock_level",), -3)
        both.hub.doorbell.ring()

        async def is_missed() -> bool:
            status = await both.connector.status()
            return status.error is not None and status.error["code"] == "mongo_unreachable"

        await until(is_missed)
        assert not await both.is_running()
        own_server.start()
        await _again(inventory)

        async def is_level() -> bool:
            found = await inventory.find_one({"_id": "inv_1"})
            return found is not None and found["stock_level"] == 36

        await until(is_level)
        await until(both.is_idle)
        held = both.hub.replica.get("inventory", "inv_1")
        assert held is not None
        assert held["stock_level"] == 36
        assert (await both.connector.status()).error is None


async def _again(inventory: Any) -> None:
    """One movement; the first write after a restart finds the old connection closed."""
    try:
        await inventory.update_one({"_id": "inv_1"}, {"$inc": {"stock_level": -1}})
    except AutoReconnect:
        await inventory.update_one({"_id": "inv_1"}, {"$inc": {"stock_level": -1}})


async def test_a_mongodb_that_is_not_there_yet_is_waited_for(
    tmp_path: Path, own_server: MongoServer
) -> None:
    own_server.kill()
    uri = own_server.uri + "?serverSelectionTimeoutMS=300"
    async with two_ways(tmp_path, uri, plan("zava", EVEN)) as both:

        async def is_tried() -> bool:
            return (await both.connector.status()).state in ("reconnecting", "stalled")

        await until(is_tried)
        own_server.start()
        await until(both.is_running)
