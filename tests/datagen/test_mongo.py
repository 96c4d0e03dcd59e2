from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from app.domain.errors import DomainError
from datagen import mongo
from datagen.generate import generate
from datagen.mongo import load_mongodb
from datagen.presets import Preset
from datagen.recipe import Recipe
from sync.errors import ZavaError
from tests.helpers.mongo_server import mongo_server, named_server

TINY = Preset("tiny", customers=20, orders=30, recent_share=0.1)
RECIPE = Recipe.of(TINY)
NAME = "zava_test_datagen"


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if named := named_server():
        yield named
        return
    with mongo_server(tmp_path_factory.mktemp("mongo")) as server:
        yield server.uri


@pytest.fixture
def database(uri: str) -> Iterator[Any]:
    with MongoClient(uri) as client:
        for name in client[NAME].list_collection_names():
            client[NAME].drop_collection(name)
        yield client[NAME]


def documents() -> list[tuple[str, Any]]:
    return list(generate(TINY, seed=RECIPE.seed, as_of=RECIPE.as_of))


def load(uri: str, pairs: Any = None, recipe: Recipe = RECIPE, **options: Any) -> Any:
    pairs = documents() if pairs is None else pairs
    return asyncio.run(load_mongodb(uri, pairs, recipe, database=NAME, **options))


def test_every_document_arrives(uri: str, database: Any) -> None:
    wanted = documents()
    assert load(uri).documents == len(wanted)
    for collection, document in wanted:
        key = {"customer_id": document["_id"]} if collection == "customers" else document["_id"]
        held = database[collection].find_one(key)
        assert held == {**document, "_id": held["_id"]}
    assert isinstance(database.customers.find_one()["_id"], ObjectId)
    assert database[mongo.MARKER].find_one()["complete"]


def test_what_arrived_keeps_its_promises(uri: str, database: Any) -> None:
    load(uri)
    results, tallies = asyncio.run(mongo.inspect_mongodb(uri, database=NAME))
    assert [each for each in results if not each.ok] == []
    assert tallies.documents["product_embeddings"] == 424


def test_a_load_that_was_cut_short_goes_on(
    uri: str, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "BATCH_DOCUMENTS_MAX", 100)
    wanted = documents()

    def breaking() -> Iterator[Any]:
        yield from islice(wanted, 250)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(uri, breaking())
    database.stores.delete_one({"_id": "store_tacoma"})  # behind the mark: not looked at again
    database.products.insert_one(wanted[220][1])  # half of the batch that broke off
    again = load(uri)
    assert (again.documents, again.kept) == (len(wanted) - 201, 201)
    assert database.orders.count_documents({}) == 30


def test_another_data_set_is_refused_unless_it_may_take_the_place(uri: str, database: Any) -> None:
    load(uri)
    other = Recipe.of(TINY, seed=9)
    with pytest.raises(DomainError) as refused:
        load(uri, recipe=other)
    assert refused.value.code == "dataset_mixed"
    assert load(uri, recipe=other, fresh=True).kept == 0


def test_data_of_others_are_not_mixed_with_ours(uri: str, database: Any) -> None:
    database.orders.insert_one({"_id": "order_of_the_erp"})
    with pytest.raises(DomainError) as refused:
        load(uri)
    assert refused.value.code == "dataset_mixed"


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(ZavaError) as refused:
        load("http://nowhere", [])
    assert refused.value.code == "mongo_address_invalid"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ServerSelectionTimeoutError("nobody listens"), "mongo_unreachable"),
        (OperationFailure("not authorized", 13), "mongo_refused"),
    ],
)
def test_a_server_that_refuses_is_named(
    uri: str, database: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    async def refusing(*_: object) -> int:
        raise error

    monkeypatch.setattr(mongo, "_insert", refusing)
    with pytest.raises(ZavaError) as refused:
        load(uri)
    assert refused.value.code == code
