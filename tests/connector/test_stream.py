"""Pieces of large changes, and the order of ``_id``."""

from __future__ import annotations

from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from pymongo.errors import OperationFailure

from sync.connector.keys import later_types, of_types
from sync.connector.stream import Pieces, Stream
from sync.errors.mongo import PositionLost


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


class Target:
    """A collection of a server that splits no events, and has one that is too large."""

    def __init__(self) -> None:
        self.pipelines: list[list[Any]] = []
        self.alive = True
        self.resume_token = {"_data": "t0"}

    async def watch(self, pipeline: list[Any], **_: Any) -> Target:
        self.pipelines.append(pipeline)
        if pipeline:
            raise OperationFailure("Unrecognized pipeline stage name", 40_324)
        return self

    async def try_next(self) -> None:
        raise OperationFailure("BSONObj size is invalid", 10_334)

    async def close(self) -> None:
        self.alive = False


async def test_a_change_too_large_to_be_told_loses_the_place_by_name() -> None:
    target = Target()
    stream = Stream(target)  # type: ignore[arg-type]
    await stream.open()
    assert [len(each) for each in target.pipelines] == [1, 0]
    with pytest.raises(PositionLost, match="too large"):
        await stream.page()
    await stream.close()
    assert not target.alive


def test_types_are_asked_for_one_by_one() -> None:
    assert of_types(("date", "timestamp")) == {
        "$or": [{"_id": {"$type": "date"}}, {"_id": {"$type": "timestamp"}}]
    }
