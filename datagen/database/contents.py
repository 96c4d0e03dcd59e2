"""What is in the database: counted, and emptied."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from pymongo.errors import OperationFailure, PyMongoError

from datagen.collections import WRITTEN
from datagen.database.indexing import Database
from datagen.mongo import MARKER
from sync.connector.connection import told, translated
from sync.connector.trial import HEARTBEATS

OURS: Final = (*WRITTEN, MARKER)
"""The collections of the data model, and the note of what was loaded; nothing else is touched."""


@dataclass(frozen=True, slots=True)
class Contents:
    """One collection. A size is None where the server does not tell."""

    name: str
    documents: int
    size_bytes: int | None
    indexes: int
    is_ours: bool

    def to_json(self) -> dict[str, Any]:
        """As a program reads it."""
        return asdict(self)


async def counted(database: Database) -> list[Contents]:
    """Every collection of the database, ours first."""
    with translated():
        names = await database.list_collection_names()
        ordered = [n for n in OURS if n in names] + sorted(set(names) - set(OURS))
        return [await _counted(database, name) for name in ordered]


async def _counted(database: Database, name: str) -> Contents:
    place = database[name]
    return Contents(
        name=name,
        documents=await place.count_documents({}),
        size_bytes=await _size(database, name),
        indexes=len(await place.index_information()),
        is_ours=name in OURS,
    )


async def _size(database: Database, name: str) -> int | None:
    try:
        stats = await database.command({"collStats": name})
    except OperationFailure:
        return None
    size = stats.get("size")
    return int(size) if isinstance(size, int | float) else None


async def beats(database: Database) -> dict[str, int]:
    """When each connector's last heartbeat was written, Unix milliseconds, by its name."""
    with translated():
        found = await database[HEARTBEATS].find({"_id": {"$regex": "^heartbeat:"}}).to_list()
    return {
        str(each["_id"]).partition(":")[2]: int(each["beat"])
        for each in found
        if isinstance(each.get("beat"), int)
    }


async def clear(database: Database) -> AsyncIterator[tuple[str, int]]:
    """Delete every document of our collections, which stay with their indexes: name and number."""
    for name in OURS:
        try:
            done = await database[name].delete_many({})
        except PyMongoError as error:
            raise told(error) from None
        yield name, done.deleted_count
