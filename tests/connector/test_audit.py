"""Both sides compared, repaired, read anew; dead letters; and an index that is missing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from sync.connector import audit
from sync.connector.engine import Engine
from sync.connector.events import Delivery
from sync.connector.indexes import check_indexes, create_indexes
from sync.connector.orders import Orders
from sync.connector.source import MongoSource
from sync.errors import MessageGarbage
from sync.errors.mongo import (
    CollectionUnknown,
    LetterUnknown,
    MappingIndexMissing,
    PositionLost,
)
from sync.system import SystemClock
from tests.helpers.connectors import TwoWays, plan, real_surroundings, two_ways, until
from tests.helpers.replicas import open_replica

Mongo = AsyncMongoClient[dict[str, Any]]
SMALL = """
mongodb: {{database: {database}}}
collections:
  - {{name: products, batch_size: 7}}
  - {{name: orders, id_mapping: {{mode: single_field, field: order_id}}}}
"""


def product(number: int, **fields: Any) -> dict[str, Any]:
    return {"_id": f"prod_{number:02}", "sku": f"S{number}", "price": 9.5, **fields}


async def carried(both: TwoWays, do: str, **given: Any) -> dict[str, Any]:
    return await Orders(both.hub.replica, both.connector).carry(do, given, lambda _: None)


async def started(both: TwoWays, mongo: Mongo, database: str, many: int = 20) -> None:
    await mongo[database]["orders"].create_index([("order_id", 1)], unique=True)
    await mongo[database]["products"].insert_many([product(n) for n in range(many)])
    await until(lambda: both.hub.replica.count("products") == many)
    await until(both.is_idle)


async def test_an_audit_of_equal_sides_is_clean(
    tmp_path: Path, mongo: Mongo, mongo_uri: str, database: str
) -> None:
    async with two_ways(tmp_path, mongo_uri, plan(database, SMALL)) as both:
        await started(both, mongo, database)
        found = await carried(both, "audit")
    assert (found["clean"], found["documents"], found["unequal_chunks"]) == (True, 20, 0)


async def test_a_lost_place_has_everything_compared(
    tmp_path: Path,
    mongo: Mongo,
    mongo_uri: str,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with two_ways(tmp_path, mongo_uri, plan(database, SMALL)) as both:
        await started(both, mongo, database)
    products = mongo[database]["products"]
    await products.update_one({"_id": "prod_03"}, {"$set": {"price": 1.5}})
    await products.delete_one({"_id": "prod_04"})
    await products.insert_one(product(90))

    watch, lost = MongoSource.watch, []

    async def forgetful(
        self: MongoSource, stream: str, after: str | None
    ) -> AsyncGenerator[Delivery, None]:
        if stream in ("", "products") and after is not None and not lost:
            lost.append(stream)
            raise PositionLost("MongoDB no longer has the changes since then.")
        async for delivery in watch(self, stream, after):
            yield delivery

    monkeypatch.setattr(MongoSource, "watch", forgetful)
    async with two_ways(tmp_path, mongo_uri, plan(database, SMALL)) as both:
        await until(lambda: both.hub.replica.get("products", "prod_90"))
        await until(both.is_idle)
        assert lost
        held = both.hub.replica.get("products", "prod_03")
        assert held is not None
        assert held["price"] == 1.5
        assert both.hub.replica.get("products", "prod_04") is None
        assert (await carried(both, "audit"))["clean"]


async def test_an_audit_finds_and_repairs_what_no_stream_told(
    tmp_path: Path,
    mongo: Mongo,
    mongo_uri: str,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit, "LOOK_AGAIN_MS", 50)  # nothing is under way that had to arrive
    async with two_ways(tmp_path, mongo_uri, plan(database, SMALL)) as both:
        await started(both, mongo, database)
    products = mongo[database]["products"]
    place = open_replica(tmp_path / "hub.db", clock=SystemClock(), kind="hub")
    with closing(place):
        engine = Engine(place, plan(database, SMALL).rules)
        await products.update_one({"_id": "prod_03"}, {"$set": {"price": 1.5}})
        await products.delete_one({"_id": "prod_04"})
        await products.insert_one(product(90))
        token = (await anext(_source(mongo, database).watch("products", None))).token
        engine.take("products", Delivery((), token))  # as if the stream had passed over them
    async with two_ways(tmp_path, mongo_uri, plan(database, SMALL)) as both:
        await until(both.is_idle)
        found = await carried(both, "audit", repair=True)
        assert {each["id"]: each["kind"] for each in found["told"]} == {
            "prod_03": "differs",
            "prod_04": "missing_in_mongodb",
            "prod_90": "missing_in_hub",
        }
        await until(lambda: both.hub.replica.get("products", "prod_90"))
        await until(both.is_idle)
        assert (await carried(both, "audit"))["clean"]
        assert both.hub.replica.get("products", "prod_04") is None


def _source(mongo: Mongo, database: str) -> MongoSource:
    return MongoSource(mongo[database], ["products"], real_surroundings())


async def test_orders_that_make_no_sense_are_refused_by_name(
    tmp_path: Path, mongo: Mongo, mongo_uri: str, database: str
) -> None:
    async with two_ways(tmp_path, mongo_uri, plan(database, SMALL)) as both:
        with pytest.raises(CollectionUnknown, match="known are products, orders"):
            await carried(both, "audit", collections=["shoes"])
        with pytest.raises(LetterUnknown):
            await carried(both, "show", number=7)
        with pytest.raises(MessageGarbage):
            await carried(both, "dance")


async def test_a_document_without_an_id_waits_for_a_person_and_goes_through_when_it_has_one(
    tmp_path: Path, mongo: Mongo, mongo_uri: str, database: str
) -> None:
    orders = mongo[database]["orders"]
    async with two_ways(tmp_path, mongo_uri, plan(database, SMALL)) as both:
        await started(both, mongo, database, many=1)
        await orders.insert_one({"_id": "x", "total": 1})
        await orders.insert_one({"_id": "y", "order_id": "order_2", "total": 2})
        await until(lambda: both.hub.replica.get("orders", "order_2"))
        (letter,) = (await carried(both, "list"))["letters"]
        assert (letter["reason"], letter["way"]) == ("id_missing", "in")
        assert await carried(both, "show", number=letter["number"]) == letter

        await orders.update_one({"_id": "x"}, {"$set": {"order_id": "order_1"}})
        await carried(both, "retry", number=letter["number"])
        await until(lambda: both.hub.replica.get("orders", "order_1"))
        assert (await carried(both, "list"))["letters"] == []


async def test_a_missing_unique_index_is_named_and_can_be_created(
    mongo: Mongo, database: str
) -> None:
    rules = plan(database, SMALL).rules
    await mongo[database]["orders"].create_index([("order_id", 1)])
    with pytest.raises(MappingIndexMissing, match=r"db\.orders\.createIndex\(\{order_id: 1\}, "):
        await check_indexes(mongo[database], rules)
    await mongo[database]["orders"].drop_indexes()
    await create_indexes(mongo[database], rules)
    await check_indexes(mongo[database], rules)


async def test_an_initial_sync_goes_on_where_it_was_cut_short(
    tmp_path: Path, mongo: Mongo, mongo_uri: str, database: str
) -> None:
    await mongo[database]["orders"].create_index([("order_id", 1)], unique=True)
    await mongo[database]["products"].insert_many([product(n) for n in range(60)])
    slow = SMALL.replace("batch_size: 7", "batch_size: 7, rate_limit_per_second: 70")
    async with two_ways(tmp_path, mongo_uri, plan(database, slow)) as both:
        await until(lambda: both.hub.replica.count("products") >= 14)
        status = await both.connector.status()
        assert status.state == "initial_sync"
        assert status.collections["products"]["total"] == 60
    seen = both.connector.tally.images
    assert 14 <= seen < 60
    async with two_ways(tmp_path, mongo_uri, plan(database, slow)) as both:
        await until(both.is_running)
        assert both.hub.replica.count("products") == 60
        assert both.connector.tally.images <= 60 - seen + 7
