"""Writing to MongoDB (``ports.Sink``): one bulk for each collection, one answer for each write.

Writes of one call are of different documents, so a bulk has no order to keep: what is refused holds
nothing up. Where the line breaks, what was under way is answered ``unknown``; nothing is repeated
here, because only the stream knows what arrived (M5).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

import bson
from bson.errors import BSONError
from pymongo import DeleteOne, InsertOne, UpdateOne, WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    DocumentTooLarge,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)

from sync.connector.connection import is_passing, is_refusal, told
from sync.connector.ports import Outcome, Write, WriteResult
from sync.connector.stream import Change

Operation: TypeAlias = InsertOne[Change] | UpdateOne | DeleteOne
Failures: TypeAlias = Mapping[int, Mapping[str, Any]]
"""What a bulk says of single writes, by their place in it."""

WRITE_MS_MAX = 10_000
"""For a majority to hold a write; afterwards it is ``unknown``, and the stream tells."""
BULK_WRITES_MAX = 1_000
_BSON_BYTES_MAX = 16 * 1_024 * 1_024

_DUPLICATE_KEY = 11_000
_CODES: Mapping[int, str] = {
    2: "bad_value",
    13: "not_authorized",
    14: "type_mismatch",
    28: "path_not_viable",
    52: "field_name_invalid",
    121: "validator",
    10_334: "document_too_large",
    _DUPLICATE_KEY: "duplicate_key",
    17_280: "key_too_long",
    17_419: "document_too_large",
}
"""MongoDB's numbers for what it has against one write; every other one is ``mongo_<number>``."""

_UNSENDABLE = (BSONError, DocumentTooLarge, InvalidOperation, OverflowError, TypeError, ValueError)
"""What the driver raises for values that are no BSON, before anything is sent."""


class MongoSink:
    """``ports.Sink`` over one database."""

    def __init__(self, database: AsyncDatabase[Change]) -> None:
        concern = WriteConcern("majority", wtimeout=WRITE_MS_MAX)
        self._database = database.with_options(write_concern=concern)

    async def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """See ``ports.Sink.write``."""
        bulks = [
            group[start : start + BULK_WRITES_MAX]
            for group in _grouped(writes)
            for start in range(0, len(group), BULK_WRITES_MAX)
        ]
        found = await asyncio.gather(*(self._bulk(bulk) for bulk in bulks))
        return [result for results in found for result in results]

    async def _bulk(self, writes: list[Write]) -> list[WriteResult]:
        """Writes of one kind into one collection."""
        place = self._database[writes[0].collection]
        try:
            done = await place.bulk_write([_operation(each) for each in writes], ordered=False)
        except BulkWriteError as error:
            failures = {each["index"]: each for each in error.details["writeErrors"]}
            if error.details["writeConcernErrors"]:
                return [
                    await self._refused(place, each, failures[at])
                    if at in failures
                    else WriteResult(each.number, "unknown", detail="No majority holds it yet.")
                    for at, each in enumerate(writes)
                ]
            return await self._settled(place, writes, failures, _count(error.details, writes))
        except OperationFailure as error:
            return await self._command_failed(writes, error)
        except _UNSENDABLE as error:
            return [_unsendable(each, error) for each in writes]
        except PyMongoError as error:
            return _all(writes, "unknown", detail=str(told(error)))
        return await self._settled(place, writes, {}, _count(done.bulk_api_result, writes))

    async def _settled(
        self,
        place: AsyncCollection[Change],
        writes: list[Write],
        failures: Failures,
        count: int,
    ) -> list[WriteResult]:
        """One result each, where ``count`` of those that were not refused found their document."""
        rest = [each for at, each in enumerate(writes) if at not in failures]
        results = [await self._refused(place, writes[at], failures[at]) for at in sorted(failures)]
        if count >= len(rest):
            return results + _all(rest, "applied")
        if not count:
            return results + _all(rest, "missed")
        try:
            return results + await self._looked_up(place, rest)
        except PyMongoError as error:
            return results + _all(rest, "unknown", detail=str(told(error)))

    async def _looked_up(
        self, place: AsyncCollection[Change], writes: list[Write]
    ) -> list[WriteResult]:
        """Which of some writes did what they should: a bulk tells only how many. One did if its
        document is there, with the guard's new number where it has one; a removal if it is gone."""
        keys = [each.key for each in writes]
        guards = {each.guard.path.split(".")[0]: 1 for each in writes if each.guard is not None}
        cursor = place.find({"_id": {"$in": keys}}, {"_id": 1, **guards})
        found = {repr(each["_id"]): each for each in await cursor.to_list()}
        return [
            WriteResult(each.number, "applied" if _has_arrived(each, found) else "missed")
            for each in writes
        ]

    async def _refused(
        self, place: AsyncCollection[Change], write: Write, failure: Mapping[str, Any]
    ) -> WriteResult:
        """What MongoDB has against one write."""
        code = int(failure.get("code", 0))
        if code == _DUPLICATE_KEY and write.kind == "insert":
            try:
                if await _is_taken(place, write):
                    return WriteResult(write.number, "missed")
            except PyMongoError as error:
                return WriteResult(write.number, "unknown", detail=str(told(error)))
        word = _CODES.get(code, f"mongo_{code}")
        return WriteResult(write.number, "refused", word, str(failure.get("errmsg", "")))

    async def _command_failed(
        self, writes: list[Write], error: OperationFailure
    ) -> list[WriteResult]:
        """The server took none of them: its state, its rights, or one that spoils the rest."""
        detail = str(told(error))
        if is_passing(error):
            return _all(writes, "unknown", detail=detail)
        if len(writes) == 1 or is_refusal(error):
            code = _CODES.get(error.code or 0, f"mongo_{error.code or 0}")
            return _all(writes, "refused", code, detail)
        return [result for each in writes for result in await self._bulk([each])]


def _grouped(writes: Sequence[Write]) -> list[list[Write]]:
    def place(write: Write) -> tuple[str, str]:
        return write.collection, write.kind

    return [list(group) for _, group in groupby(sorted(writes, key=place), key=place)]


def _operation(write: Write) -> Operation:
    if write.kind == "insert":
        assert write.document is not None, "an insert has a document"
        return InsertOne(write.document)
    if write.kind == "delete":
        return DeleteOne(_filter(write))
    return UpdateOne(_filter(write), _update(write))


def _filter(write: Write) -> Change:
    found: Change = {"_id": write.key}
    if write.guard is not None:
        before = write.guard.before
        found[write.guard.path] = {"$exists": False} if before is None else before
    return found


def _update(write: Write) -> Change:
    parts = {"$set": write.set, "$unset": dict.fromkeys(write.unset, ""), "$inc": write.inc}
    return {name: fields for name, fields in parts.items() if fields}


def _count(details: Mapping[str, Any], writes: list[Write]) -> int:
    """How many writes did what they were to do, as far as a bulk tells."""
    name = {"insert": "nInserted", "update": "nMatched", "delete": "nRemoved"}[writes[0].kind]
    return int(details[name])


def _has_arrived(write: Write, found: Mapping[str, Change]) -> bool:
    document = found.get(repr(write.key))
    if write.kind == "delete" or document is None:
        return (document is None) == (write.kind == "delete")
    if write.guard is None:
        return True
    held: Any = document
    for name in write.guard.path.split("."):
        held = held.get(name) if isinstance(held, dict) else None
    return bool(held == write.set.get(write.guard.path))


async def _is_taken(place: AsyncCollection[Change], write: Write) -> bool:
    """Whether a document has this ``_id``; else the key of another index is taken."""
    return await place.find_one({"_id": write.key}, {"_id": 1}) is not None


def _unsendable(write: Write, error: Exception) -> WriteResult:
    """What of a bulk that was never sent is at fault; the rest comes again."""
    try:
        bson.encode(write.document or {**_filter(write), **_update(write)})
    except _UNSENDABLE as found:
        return WriteResult(write.number, "refused", "not_bson", str(found))
    if isinstance(error, DocumentTooLarge):
        size = len(bson.encode(write.document or _update(write)))
        if size > _BSON_BYTES_MAX:
            return WriteResult(write.number, "refused", "document_too_large", str(error))
    return WriteResult(write.number, "unknown", detail="Another write of its bulk is no BSON.")


def _all(
    writes: Sequence[Write], outcome: Outcome, code: str = "", detail: str = ""
) -> list[WriteResult]:
    return [WriteResult(each.number, outcome, code, detail) for each in writes]
