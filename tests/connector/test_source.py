"""Reading MongoDB over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any

import pytest
from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect

from sync.connector.connection import connect
from sync.connector.events import Deleted, Delivery, Event, Inserted, Replaced, Updated
from sync.connector.source import MongoSource
from sync.connector.trial import HEARTBEATS
from sync.errors.mongo import PositionLost
from tests.helpers.connectors import real_surroundings
from tests.helpers.mongo_server import MongoServer

Mongo = AsyncMongoClient[dict[str, Any]]
SECONDS_MAX = 20
CUSTOMER = ObjectId("507f1f77bcf86cd799439011")


def source_of(client: Mongo, database: str, *collections: str) -> MongoSource:
    return MongoSource(client[database], collections, real_surroundings())


@pytest.fixture
async def client(mongo_uri: str) -> AsyncIterator[Mongo]:
    client = connect(mongo_uri)
    yield client
    await client.close()


@pytest.fixture
def source(client: Mongo, database: str) -> MongoSource:
    return source_of(client, database, "inventory", "customers")


async def events_of(
    source: MongoSource, stream: str, after: str | None, many: int
) -> tuple[list[Event], str]:
    """That many events from a place on, and the place after them."""
    found: list[Event] = []
    token = ""
    async with asyncio.timeout(SECONDS_MAX), aclosing(source.watch(stream, after)) as deliveries:
        async for delivery in deliveries:
            found += delivery.events
            token = delivery.token
            if len(found) >= many:
                break
    return found, token


async def place_now(source: MongoSource, stream: str) -> str:
    async with aclosing(source.watch(stream, None)) as deliveries:
        return (await anext(deliveries)).token


async def test_a_server_is_judged_by_what_it_does(
    source: MongoSource, mongo: Mongo, database: str
) -> None:
    features = await source.features()
    assert features.resumes
    assert features.version
    hello = await mongo.admin.command("hello")
    if "setName" in hello:
        assert (features.database_stream, features.descriptions) == (True, True)
        assert features.details == {"plain_documents": True, "cluster_time": True}
    else:
        assert (features.database_stream, features.descriptions) == (False, False)
        assert features.details == {"plain_documents": False, "cluster_time": False}
    assert await mongo[database][HEARTBEATS].count_documents({}) == 0, "nothing is left of it"


async def test_changes_arrive_in_order_with_whole_documents(
    source: MongoSource, mongo: Mongo, database: str
) -> None:
    customers = mongo[database]["customers"]
    start = await place_now(source, "customers")
    await customers.insert_one({"_id": CUSTOMER, "customer_id": "cust_1", "visits": 1})
    (inserted,), after = await events_of(source, "customers", start, 1)
    await customers.update_one({"_id": CUSTOMER}, {"$set": {"phone": "555"}})
    (updated,), after = await events_of(source, "customers", after, 1)
    await customers.delete_one({"_id": CUSTOMER})
    (deleted,), _ = await events_of(source, "customers", after, 1)

    assert isinstance(inserted, Inserted | Replaced)
    assert inserted.document == {"_id": CUSTOMER, "customer_id": "cust_1", "visits": 1}
    assert isinstance(updated, Updated)
    if updated.description is None:
        assert updated.document == {**inserted.document, "phone": "555"}
    else:
        assert updated.description.updated == {"phone": "555"}
    assert isinstance(deleted, Deleted)
    assert [each.key for each in (inserted, updated, deleted)] == [CUSTOMER] * 3
    assert 0 < inserted.at <= updated.at <= deleted.at


async def test_a_stream_goes_on_where_it_ended_even_in_the_middle_of_a_page(
    source: MongoSource, mongo: Mongo, database: str
) -> None:
    inventory = mongo[database]["inventory"]
    start = await place_now(source, "inventory")
    await inventory.insert_many([{"_id": f"inv_{n}", "n": n} for n in range(7)])
    first, _ = await events_of(source, "inventory", start, 7)
    again, _ = await events_of(source, "inventory", first[2].token, 4)
    assert [each.key for each in first] == [f"inv_{n}" for n in range(7)]
    assert [each.key for each in again] == [f"inv_{n}" for n in range(3, 7)]


async def test_a_quiet_stream_delivers_empty_pages_with_their_place(source: MongoSource) -> None:
    async with asyncio.timeout(SECONDS_MAX), aclosing(source.watch("inventory", None)) as quiet:
        pages = [await anext(quiet), await anext(quiet)]
    assert [page.events for page in pages] == [(), ()]
    assert all(page.token for page in pages)


async def test_a_document_that_is_gone_by_now_has_no_image(
    source: MongoSource, mongo: Mongo, database: str
) -> None:
    inventory = mongo[database]["inventory"]
    start = await place_now(source, "inventory")
    await inventory.insert_one({"_id": "inv_1"})
    await inventory.delete_one({"_id": "inv_1"})
    events, _ = await events_of(source, "inventory", start, 2)
    assert isinstance(events[1], Deleted)
    if isinstance(events[0], Updated):
        assert events[0].document is None


async def test_a_snapshot_comes_in_chunks_by_id(
    source: MongoSource, mongo: Mongo, database: str
) -> None:
    keys = [f"inv_{n:03}" for n in range(25)]
    await mongo[database]["inventory"].insert_many([{"_id": key, "n": 1} for key in keys])
    found: list[str] = []
    chunk = await source.chunk("inventory", None, 10)
    while chunk.images:
        found += [image.key for image in chunk.images]
        chunk = await source.chunk("inventory", chunk.last, 10)
    assert found == keys
    assert await source.count("inventory") == 25


async def test_documents_are_read_by_key_and_missing_ones_left_out(
    source: MongoSource, mongo: Mongo, database: str
) -> None:
    await mongo[database]["customers"].insert_one({"_id": CUSTOMER, "customer_id": "cust_1"})
    (image,) = await source.read("customers", [CUSTOMER, ObjectId()])
    assert image.document == {"_id": CUSTOMER, "customer_id": "cust_1"}


async def test_a_stream_survives_a_restart_of_its_server(own_server: MongoServer) -> None:
    async with connect(own_server.uri) as client:
        source = source_of(client, "zava", "inventory")
        async with aclosing(source.watch("inventory", None)) as deliveries:
            await anext(deliveries)
            own_server.stop()
            own_server.start()
            with suppress(AutoReconnect):  # the first write finds the old connection closed
                await client["zava"]["inventory"].insert_one({"_id": "lost"})
            await client["zava"]["inventory"].insert_one({"_id": "inv_1"})
            delivery = Delivery((), "")
            async with asyncio.timeout(SECONDS_MAX):
                while not delivery.events:
                    delivery = await anext(deliveries)
    assert delivery.events[-1].key == "inv_1"


@pytest.mark.mongo
async def test_a_place_that_the_server_does_not_know_is_lost(source: MongoSource) -> None:
    async with aclosing(source.watch("inventory", "82" + "0" * 60)) as deliveries:
        with pytest.raises(PositionLost):
            await anext(deliveries)


@pytest.mark.mongo
async def test_events_of_a_transaction_are_known_as_one(
    source: MongoSource, mongo: Mongo, database: str
) -> None:
    for name in ("inventory", "customers"):
        await mongo[database].create_collection(name)
    start = await place_now(source, "")
    async with mongo.start_session() as session, await session.start_transaction():
        await mongo[database]["inventory"].insert_one({"_id": "inv_1"}, session=session)
        await mongo[database]["customers"].insert_one({"_id": CUSTOMER}, session=session)
    events, _ = await events_of(source, "", start, 2)
    assert events[0].transaction is not None
    assert {each.transaction for each in events} == {events[0].transaction}


@pytest.mark.mongo
async def test_what_is_read_is_not_older_than_it_says(
    source: MongoSource, mongo: Mongo, database: str
) -> None:
    before = await source.now()
    await mongo[database]["inventory"].insert_one({"_id": "inv_1"})
    (image,) = (await source.chunk("inventory", None, 10)).images
    assert before < image.at <= await source.now()


@pytest.mark.mongo
async def test_ids_of_several_types_come_in_the_servers_order(
    source: MongoSource, mongo: Mongo, database: str
) -> None:
    keys = [3, 7.5, "a", "b", {"x": 1}, CUSTOMER, True]
    await mongo[database]["inventory"].insert_many([{"_id": key} for key in reversed(keys)])
    found: list[Any] = []
    chunk = await source.chunk("inventory", None, 2)
    while chunk.images and len(found) <= len(keys):
        found += [image.key for image in chunk.images]
        chunk = await source.chunk("inventory", chunk.last, 2)
    assert found == keys
