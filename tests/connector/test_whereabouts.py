"""The last step of a record's journey, told by the connector's own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from sync.connector.whereabouts import whereabouts
from tests.helpers.connectors import plan, two_ways, until
from tests.helpers.replicas import open_replica

Mongo = AsyncMongoClient[dict[str, Any]]


def test_there_has_never_been_a_connector() -> None:
    assert whereabouts(open_replica().parts.database) is None


async def test_an_order_is_followed_into_mongodb(
    tmp_path: Path, mongo: Mongo, mongo_uri: str, database: str
) -> None:
    for name in ("orders", "customers"):
        field = name.removesuffix("s") + "_id"
        await mongo[database][name].create_index([(field, 1)], unique=True)
    async with two_ways(tmp_path, mongo_uri, plan(database)) as both:
        replica = both.hub.replica
        await until(both.is_idle)
        where = whereabouts(replica.parts.database)
        assert where is not None
        both.hub.journeys.in_mongodb = where

        def reached() -> list[bool]:
            return [each["steps"][-1]["done"] for each in replica.system.journey("orders", "o_1")]

        for status in ("open", "shipped"):
            with replica.transaction() as tx:
                order = {"_id": "o_1", "order_id": "o_1", "store_id": "store_seattle"}
                tx.upsert("orders", {**order, "status": status})
            both.hub.doorbell.ring()
            await until(lambda: reached() and all(reached()))
        with replica.transaction() as tx:
            tx.insert("stores", {"_id": "store_9"})
        (told,) = replica.system.journey("stores", "store_9")
        assert told["steps"][-1]["text"].endswith("stores is not exchanged with it.")
        assert where("orders", "o_2") is None
