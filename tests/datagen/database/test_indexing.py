"""Indexes by one table: made once, compared by what they are, dropped without touching others."""

from __future__ import annotations

from typing import Any

from datagen.database.indexes import COLLECTIONS, INDEXES, Index
from datagen.database.indexing import Tells, Told, create, difference, differing, drop
from sync.connector.connection import Client

ALL = Tells()


def as_reported(index: Index) -> dict[str, Any]:
    """What MongoDB says of an index."""
    if index.is_text:
        keys: list[tuple[str, Any]] = [("_fts", "text"), ("_ftsx", 1)]
        return {"key": keys, "weights": {path: 1 for path, _ in index.keys}}
    found: dict[str, Any] = {"v": 2, "key": list(index.keys), **index.options}
    found.pop("name")
    return found


def everything() -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {
        name: {"_id_": {"v": 2, "key": [("_id", 1)]}} for name in COLLECTIONS
    }
    for index in INDEXES:
        found[index.collection][index.name] = as_reported(index)
    return found


def found(told: list[Told]) -> set[tuple[str, str, str]]:
    return {(each.collection, each.name, each.done) for each in told}


def test_no_two_entries_of_the_table_are_the_same() -> None:
    assert len({(i.collection, i.name) for i in INDEXES}) == len(INDEXES)


def test_a_server_that_has_the_table_does_not_differ() -> None:
    assert list(differing(everything(), ALL)) == []


def test_an_index_is_known_by_its_fields_and_not_by_its_name() -> None:
    there = everything()
    there["orders"]["by_status"] = there["orders"].pop("status_1")
    assert list(differing(there, ALL)) == []


def test_what_is_missing_different_or_more_is_told_apart() -> None:
    there = everything()
    del there["orders"]["status_1"]
    there["products"]["sku_1"]["unique"] = False
    there["customers"]["email_1_partial"].pop("partialFilterExpression")
    there["stores"]["name_1"] = {"key": [("name", 1)]}
    assert found(list(differing(there, ALL))) == {
        ("orders", "status_1", "missing"),
        ("products", "sku_1", "differs"),
        ("customers", "email_1_partial", "missing"),
        ("customers", "email_1_partial", "extra"),
        ("stores", "name_1", "extra"),
    }


def test_what_a_server_cannot_tell_is_not_held_against_it() -> None:
    there = everything()
    for each in there.values():
        for index in each.values():
            index.pop("partialFilterExpression", None)
            index["key"] = [(path, 1) for path, _ in index["key"]]
    text = next(index for index in INDEXES if index.is_text)
    del there[text.collection][text.name]
    assert list(differing(there, ALL))
    tells = Tells(descending=False, filters=False, texts=False)
    assert list(differing(there, tells)) == []
    assert tells.missing() == ["direction", "filter", "text fields"]


async def test_they_are_made_once_and_dropped_without_others(mongo: Client, database: str) -> None:
    place = mongo[database]
    await place["stores"].create_index([("name", 1)])
    first = [each async for each in create(place)]
    assert {each.done for each in first} <= {"made", "unkept"}
    assert len(first) == len(INDEXES)
    second = [each async for each in create(place)]
    assert {each.done for each in second} <= {"there", "unkept"}
    told, _ = await difference(place)
    assert {each.done for each in told} == {"extra"}
    assert [each.collection for each in told] == ["stores"]

    dropped = [each async for each in drop(place)]
    assert {each.done for each in dropped} == {"dropped"}
    assert len(await place["stores"].index_information()) == 2
    told, _ = await difference(place)
    assert {each.done for each in told} == {"missing", "extra"}
    assert "zava_index_trial" not in await place.list_collection_names()


async def test_what_stands_in_the_way_of_one_index_stops_no_other(
    mongo: Client, database: str
) -> None:
    twice = [{"_id": n, "store_id": "store_seattle"} for n in (1, 2)]
    await mongo[database]["stores"].insert_many(twice)
    told = [each async for each in create(mongo[database])]
    refused = [each for each in told if each.done == "refused"]
    assert [(each.collection, bool(each.why)) for each in refused] == [("stores", True)]
    assert len(told) == len(INDEXES)
