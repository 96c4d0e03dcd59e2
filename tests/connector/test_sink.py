"""Writing to MongoDB over a real connection: one answer for each write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from bson import Decimal128
from pymongo import AsyncMongoClient

from sync.connector.connection import connect
from sync.connector.ports import Guard, Write
from sync.connector.sink import MongoSink
from tests.helpers.mongo_server import MongoServer

Mongo = AsyncMongoClient[dict[str, Any]]
GUARD = "_zava.hub"


@pytest.fixture
async def sink(mongo_uri: str, database: str) -> AsyncIterator[MongoSink]:
    async with connect(mongo_uri) as client:
        yield MongoSink(client[database])


def insert(number: int, key: object, **fields: Any) -> Write:
    document = {"_id": key, **fields}
    return Write(number, "inventory", str(key), key, "insert", document=document)


def update(number: int, key: object, guard: Guard | None = None, **parts: Any) -> Write:
    return Write(number, "inventory", str(key), key, "update", guard=guard, **parts)


def delete(number: int, key: object) -> Write:
    return Write(number, "inventory", str(key), key, "delete")


async def outcomes(sink: MongoSink, *writes: Write) -> dict[int, str]:
    return {each.number: each.outcome for each in await sink.write(writes)}


async def test_writes_of_all_kinds_are_carried_out(
    sink: MongoSink, mongo: Mongo, database: str
) -> None:
    inventory = mongo[database]["inventory"]
    await inventory.insert_many([{"_id": "a", "n": 4, "note": "x"}, {"_id": "b"}])
    done = await outcomes(
        sink,
        insert(1, "c", n=1),
        update(2, "a", set={"place.aisle": "3"}, unset=("note",), inc={"n": -3}),
        delete(3, "b"),
    )
    assert done == {1: "applied", 2: "applied", 3: "applied"}
    found = await inventory.find({}).sort("_id", 1).to_list()
    assert found == [{"_id": "a", "n": 1, "place": {"aisle": "3"}}, {"_id": "c", "n": 1}]


async def test_what_finds_no_document_is_missed_and_makes_none(
    sink: MongoSink, mongo: Mongo, database: str
) -> None:
    await mongo[database]["inventory"].insert_many([{"_id": "a"}, {"_id": "b"}])
    writes = [update(n, key, set={"n": 1}) for n, key in enumerate(("a", "x", "b", "y"))]
    assert await outcomes(sink, *writes) == {0: "applied", 1: "missed", 2: "applied", 3: "missed"}
    assert await outcomes(sink, update(4, "x", set={"n": 1})) == {4: "missed"}
    assert await outcomes(sink, delete(5, "a")) == {5: "applied"}
    assert await outcomes(sink, delete(6, "x")) == {6: "missed"}
    assert await mongo[database]["inventory"].count_documents({}) == 1


async def test_a_guarded_write_happens_once(sink: MongoSink, mongo: Mongo, database: str) -> None:
    inventory = mongo[database]["inventory"]
    await inventory.insert_many([{"_id": "a", "n": 10}, {"_id": "b", "n": 10}])
    first = update(1, "a", Guard(GUARD, None), set={GUARD: 1}, inc={"n": -2})
    second = update(2, "a", Guard(GUARD, 1), set={GUARD: 2}, inc={"n": -3})
    assert await outcomes(sink, first) == {1: "applied"}
    assert await outcomes(sink, first) == {1: "missed"}
    other = update(3, "b", Guard(GUARD, None), set={GUARD: 3}, inc={"n": -1})
    assert await outcomes(sink, second, other) == {2: "applied", 3: "applied"}
    late = update(4, "a", Guard(GUARD, 1), set={GUARD: 4}, inc={"n": -3})
    fresh = update(5, "b", Guard(GUARD, 3), set={GUARD: 5}, inc={"n": -1})
    assert await outcomes(sink, late, fresh) == {4: "missed", 5: "applied"}
    assert [each["n"] for each in await inventory.find({}).sort("_id", 1).to_list()] == [5, 8]


async def test_a_taken_id_is_missed_and_another_taken_key_refused(
    sink: MongoSink, mongo: Mongo, database: str
) -> None:
    inventory = mongo[database]["inventory"]
    await inventory.create_index([("code", 1)], unique=True)
    await inventory.insert_one({"_id": "a", "code": "A"})
    results = await sink.write([insert(1, "a", code="B"), insert(2, "b", code="A"), insert(3, "c")])
    found = {each.number: (each.outcome, each.code) for each in results}
    assert found == {1: ("missed", ""), 2: ("refused", "duplicate_key"), 3: ("applied", "")}
    assert all(each.detail for each in results if each.outcome == "refused")


async def test_what_is_no_bson_is_refused_and_holds_nothing_else_up_for_long(
    sink: MongoSink,
) -> None:
    poisoned = insert(1, "a", n=2**70)
    assert await outcomes(sink, poisoned, insert(2, "b")) == {1: "refused", 2: "unknown"}
    assert await outcomes(sink, insert(2, "b")) == {2: "applied"}


async def test_what_the_server_refuses_is_told_beside_what_it_takes(sink: MongoSink) -> None:
    await outcomes(sink, insert(1, "a", n="text"), insert(2, "b", n=1))
    writes = [update(3, "a", inc={"n": 1}), update(4, "b", inc={"n": 1})]
    results = {each.number: each for each in await sink.write(writes)}
    assert results[4].outcome == "applied"


@pytest.mark.mongo
async def test_a_validator_has_the_last_word(sink: MongoSink, mongo: Mongo, database: str) -> None:
    rule = {"$jsonSchema": {"required": ["store_id"]}}
    await mongo[database].create_collection("inventory", validator=rule)
    results = await sink.write([insert(1, "a"), insert(2, "b", store_id="s")])
    found = {each.number: (each.outcome, each.code) for each in results}
    assert found == {1: ("refused", "validator"), 2: ("applied", "")}


@pytest.mark.mongo
async def test_a_decimal_is_kept_as_one(sink: MongoSink, mongo: Mongo, database: str) -> None:
    assert await outcomes(sink, insert(1, "a", price=Decimal128("1.10"))) == {1: "applied"}
    held = await mongo[database]["inventory"].find_one({"_id": "a"})
    assert held == {"_id": "a", "price": Decimal128("1.10")}


async def test_where_nobody_answers_the_outcome_is_unknown(own_server: MongoServer) -> None:
    async with connect(own_server.uri + "?serverSelectionTimeoutMS=200") as client:
        sink = MongoSink(client["zava"])
        assert await outcomes(sink, insert(1, "a")) == {1: "applied"}
        own_server.kill()
        assert await outcomes(sink, insert(2, "b")) == {2: "unknown"}
        own_server.start()
        assert await outcomes(sink, insert(3, "c")) in ({3: "applied"}, {3: "unknown"})
        assert await outcomes(sink, insert(4, "d")) == {4: "applied"}
