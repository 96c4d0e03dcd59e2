"""The server that the tests of the connector run against."""

from __future__ import annotations

from typing import Any

from pymongo import AsyncMongoClient

from tests.helpers.mongo_server import MongoServer


async def test_a_change_comes_through_the_stream_of_its_collection(
    mongo: AsyncMongoClient[dict[str, Any]], database: str
) -> None:
    inventory = mongo[database]["inventory"]
    async with await inventory.watch() as stream:
        await inventory.insert_one({"_id": "inv_1", "stock_level": 4})
        event = await stream.next()
    assert (event["operationType"], event["documentKey"]) == ("insert", {"_id": "inv_1"})


async def test_a_killed_server_comes_back_with_what_it_had(own_server: MongoServer) -> None:
    async with AsyncMongoClient[dict[str, Any]](own_server.uri) as client:
        await client["zava"]["inventory"].insert_one({"_id": "inv_1", "stock_level": 4})
    own_server.kill()
    own_server.start()
    async with AsyncMongoClient[dict[str, Any]](own_server.uri) as client:
        assert await client["zava"]["inventory"].find_one() == {"_id": "inv_1", "stock_level": 4}
