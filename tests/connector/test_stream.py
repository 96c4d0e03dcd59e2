"""Pieces of large changes, and the order of ``_id``."""

from __future__ import annotations

from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId

from sync.connector.keys import later_types, of_types
from sync.connector.stream import Pieces


def piece(number: int, of: int, **fields: Any) -> dict[str, Any]:
    return {"_id": {"_data": f"t{number}"}, "splitEvent": {"fragment": number, "of": of}, **fields}


def test_a_change_in_pieces_is_whole_with_its_last_one() -> None:
    pieces = Pieces()
    described = {"updatedFields": {"a": 1}, "removedFields": []}
    assert pieces.add(piece(1, 3, operationType="update", documentKey={"_id": 1})) is None
    assert not pieces.is_empty
    assert pieces.add(piece(2, 3, updateDescription=described)) is None
    more = {"updatedFields": {"b": 2}}
    assert pieces.add(piece(3, 3, updateDescription=more)) == {
        "_id": {"_data": "t3"},
        "operationType": "update",
        "documentKey": {"_id": 1},
        "updateDescription": {"updatedFields": {"a": 1, "b": 2}, "removedFields": []},
    }
    assert pieces.is_empty


def test_a_change_that_is_whole_passes() -> None:
    change = {"_id": {"_data": "t"}, "operationType": "delete"}
    assert Pieces().add(change) is change


@pytest.mark.parametrize(
    ("key", "next_type"),
    [
        (None, "number"),
        (Int64(3), "string"),
        (Decimal128("1.5"), "string"),
        ("inv_1", "object"),
        ({"store_id": "s"}, "binData"),
        (Binary(b"x"), "objectId"),
        (ObjectId(), "bool"),
        (True, "date"),
    ],
)
def test_after_the_last_key_of_a_type_the_next_types_follow(key: Any, next_type: str) -> None:
    assert later_types(key)[0] == next_type


def test_types_are_asked_for_one_by_one() -> None:
    assert of_types(("date", "timestamp")) == {
        "$or": [{"_id": {"$type": "date"}}, {"_id": {"$type": "timestamp"}}]
    }
