"""A connector beside an open hub: it follows its file, and says at its start what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from sync.connector.control import ask, control_file
from sync.connector.initial import InitialSync
from sync.connector.service import Wanted, connected
from sync.errors.mongo import MappingIndexMissing
from sync.system import SystemClock
from tests.helpers.connectors import plan, real_surroundings, two_ways, until
from tests.helpers.hub_process import open_hub

Mongo = AsyncMongoClient[dict[str, Any]]
FILE = "mongodb: {{database: {0}}}\ncollections:\n  - {{name: products}}\n"
MORE = "  - {{name: categories}}\n"


async def test_a_collection_that_is_added_to_the_file_is_exchanged(
    tmp_path: Path, mongo: Mongo, mongo_uri: str, database: str
) -> None:
    await mongo[database]["categories"].insert_one({"_id": "cat_1"})
    file = tmp_path / "connector.yaml"
    file.write_text(FILE.format(database))
    path = tmp_path / "hub.sqlite3"
    with closing(open_hub(path, (), SystemClock())) as hub:
        wanted = Wanted(file, mongo_uri, {})
        async with connected(wanted, hub.replica, real_surroundings(), hub.doorbell) as connector:
            await until(lambda: connector.report().state == "running")
            file.write_text("collections: what\n")
            file.write_text((FILE + MORE).format(database))
            await until(lambda: hub.replica.get("categories", "cat_1"))
            answer = await ask(control_file(path), "status", {}, print)
            assert answer is not None
            assert set(answer["collections"]) == {"products", "categories"}
            assert mongo_uri not in str(connector.report().health())
        assert await ask(control_file(path), "status", {}, print) is None


async def test_a_missing_index_is_told_before_anything_is_exchanged(
    tmp_path: Path, mongo: Mongo, mongo_uri: str, database: str
) -> None:
    await mongo[database]["orders"].insert_one({"order_id": "order_1"})
    file = tmp_path / "connector.yaml"
    mapped = "  - {{name: orders, id_mapping: {{mode: single_field, field: order_id}}}}\n"
    file.write_text((FILE + mapped).format(database))
    with closing(open_hub(tmp_path / "hub.sqlite3", (), SystemClock())) as hub:
        wanted = Wanted(file, mongo_uri, {})
        with pytest.raises(MappingIndexMissing, match=r"db\.orders\.createIndex"):
            async with connected(wanted, hub.replica, real_surroundings(), hub.doorbell):
                pass
        assert hub.replica.count("orders") == 0


async def test_a_collection_is_told_as_read_while_another_is_being_read(
    tmp_path: Path, mongo_uri: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, never = InitialSync.take, asyncio.Event()

    async def endless(self: InitialSync, name: str, is_open: Callable[[], bool]) -> bool:
        if name == "products":
            await never.wait()
        return await take(self, name, is_open)

    monkeypatch.setattr(InitialSync, "take", endless)
    two = "mongodb: {{database: {database}}}\ncollections: [{{name: stores}}, {{name: products}}]\n"
    async with two_ways(tmp_path, mongo_uri, plan(database, two)) as both:
        report = both.connector.report
        await until(lambda: report().collections["stores"]["state"] == "live")
        assert report().collections["products"]["state"] == "due"
        assert report().state == "initial_sync"
