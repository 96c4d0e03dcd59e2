"""A data set into MongoDB: in batches, and again from where it stopped.

A marker document says which data set a database holds and how many of its documents are surely
there. The order of documents is always the same, so a load that was cut short goes on behind
them; a batch that was half written is written again, and what is there already stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from app.domain.collections import Document
from datagen.checks import CheckResult, Inspection
from datagen.checks.tallies import Tallies
from datagen.collections import WRITTEN
from datagen.formats import from_mongodb, in_mongodb
from datagen.load import Loaded, grouped
from datagen.recipe import Recipe, mixed
from sync.connector.connection import connect, translated

BATCH_DOCUMENTS_MAX = 2_000
MARKER = "zava_dataset"
"""The collection of the marker; the connector has no rule for it and leaves it alone."""
DUPLICATE_KEY = 11_000
DATABASE = "zava"
"""Where the address names no database."""

Database = AsyncDatabase[dict[str, Any]]


async def load_mongodb(
    uri: str,
    documents: Iterable[tuple[str, Document]],
    recipe: Recipe,
    *,
    database: str | None = None,
    fresh: bool = False,
) -> Loaded:
    """Add a data set to a database that is empty or holds a part of the same one; `fresh` empties
    it first. Raises `DomainError` (dataset_mixed) and the errors of `sync.errors.mongo`."""
    client = connect(uri)
    try:
        with translated():
            held = database_of(client, database)
            if fresh:
                for name in (*WRITTEN, MARKER):
                    await held.drop_collection(name)
            loaded = await _load(held, documents, recipe)
            return replace(loaded, database=held.name)
    finally:
        await client.close()


async def inspect_mongodb(
    uri: str, *, database: str | None = None
) -> tuple[list[CheckResult], Tallies]:
    """Every check over a database. Raises the errors of `sync.errors.mongo`."""
    client = connect(uri)
    try:
        with translated():
            held = database_of(client, database)
            inspection = Inspection(None)
            for collection in WRITTEN:
                async for stored in held[collection].find({}):
                    inspection.look(collection, from_mongodb(collection, stored))
            return inspection.results(), inspection.tallies
    finally:
        await client.close()


def database_of(client: Any, name: str | None) -> Database:
    """The database that is asked for, else that of the address, else `DATABASE`."""
    chosen: Database = client[name] if name else client.get_default_database(DATABASE)
    return chosen


async def _load(
    held: Database, documents: Iterable[tuple[str, Document]], recipe: Recipe
) -> Loaded:
    done = await _begin(held, recipe)
    kept, added = 0, 0
    source = iter(documents)
    kept += sum(1 for _ in islice(source, done))
    while chunk := list(islice(source, BATCH_DOCUMENTS_MAX)):
        for collection, group in grouped(chunk).items():
            new = await _insert(held, collection, group)
            added += new
            kept += len(group) - new
        done += len(chunk)
        await _mark(held, recipe, done, complete=False)
    await _mark(held, recipe, done, complete=True)
    return Loaded(added, kept, 0)


async def _begin(held: Database, recipe: Recipe) -> int:
    """How many documents are surely there. Refuses a database with anything else in it."""
    marker = await held[MARKER].find_one({"_id": "dataset"})
    if marker is not None:
        if marker["recipe"] != asdict(recipe):
            raise mixed(marker["recipe"], f"The database {held.name}")
        return int(marker["done"])
    present = set(await held.list_collection_names())
    for name in present.intersection(WRITTEN):
        if await held[name].find_one({}) is not None:
            raise mixed(None, f"The database {held.name}")
    await _mark(held, recipe, 0, complete=False)
    return 0


async def _mark(held: Database, recipe: Recipe, done: int, *, complete: bool) -> None:
    fields = {"recipe": asdict(recipe), "done": done, "complete": complete}
    await held[MARKER].update_one({"_id": "dataset"}, {"$set": fields}, upsert=True)


async def _insert(held: Database, collection: str, documents: list[Document]) -> int:
    """Insert what is not there; how many those were."""
    stored = [in_mongodb(collection, document) for document in documents]
    try:
        result = await held[collection].insert_many(stored, ordered=False)
    except BulkWriteError as error:
        failed = Counter(each["code"] for each in error.details["writeErrors"])
        if set(failed) != {DUPLICATE_KEY}:
            raise
        return len(stored) - failed[DUPLICATE_KEY]
    return len(result.inserted_ids)
