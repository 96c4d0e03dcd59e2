"""What a server gives, found out by trying (M6): a feature counts only when its effect was read
back. Servers that speak the protocol without being MongoDB accept what they do not do."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from sync.connector.connection import translated
from sync.connector.pace import Pace
from sync.connector.ports import Features
from sync.connector.stream import Change, Stream
from sync.errors.mongo import ChangeStreamsMissing

HEARTBEATS = "zava_connector"
"""The collection of heartbeats and trials; the only one that the connector makes for itself."""
TRIAL_SECONDS_MAX = 10
"""For a change to come back through the stream of its own collection."""
DATABASE_TRIAL_SECONDS_MAX = 1
"""For the same change in the stream of the database, once the other has brought it."""


async def tried(database: AsyncDatabase[Change], name: str, pace: Pace, now: datetime) -> Features:
    """Write one document named ``name``, change it, and look what arrives; nothing is left of it.

    ``ChangeStreamsMissing`` where nothing arrives at all.
    """
    place = database[HEARTBEATS]
    narrow, wide = Stream(place), Stream(database)
    trial = {"_id": name, "id": ObjectId(), "at": now, "beats": 0}
    try:
        await narrow.open()
        await wide.open()
        with translated():
            version = str((await database.client.admin.command("buildInfo")).get("version", ""))
            has_time = "operationTime" in await database.client.admin.command("ping")
            await place.insert_one(trial)
            found = await place.find_one({"_id": name})
            await place.update_one({"_id": name}, {"$set": {"beats": 1}})
        inserted, updated = await _both(narrow, name, pace)
        told = updated.get("updateDescription") or {}
        return Features(
            version=version,
            database_stream=await _delivers(wide, name, pace),
            descriptions=told.get("updatedFields") == {"beats": 1},
            resumes=await _resumes(place, inserted, name, pace),
            details={
                "plain_documents": inserted.get("fullDocument") == found,
                "cluster_time": has_time,
            },
        )
    finally:
        await narrow.close()
        await wide.close()
        with suppress(PyMongoError):  # what went wrong has been said; a line of text may be left
            await place.delete_one({"_id": name})


async def _both(stream: Stream, name: str, pace: Pace) -> tuple[Change, Change]:
    """The insert and the update of the trial."""
    seen: dict[str, Change] = {}
    try:
        async with asyncio.timeout(TRIAL_SECONDS_MAX):
            while len(seen) < 2:
                for change in await _look(stream, pace):
                    if _is_of(change, name) and change["operationType"] in ("insert", "update"):
                        seen[change["operationType"]] = change
    except TimeoutError:
        message = "A change was written, and no change stream told of it."
        raise ChangeStreamsMissing(message) from None
    return seen["insert"], seen["update"]


async def _delivers(stream: Stream, name: str, pace: Pace) -> bool:
    """Whether the stream brings the trial."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DATABASE_TRIAL_SECONDS_MAX):
            while True:
                if any(_is_of(change, name) for change in await _look(stream, pace)):
                    return True
    return False


async def _resumes(place: AsyncCollection[Change], inserted: Change, name: str, pace: Pace) -> bool:
    """Whether a stream that resumes after the insert begins with the update."""
    stream = Stream(place, after=inserted["_id"])
    try:
        await stream.open()
        async with asyncio.timeout(DATABASE_TRIAL_SECONDS_MAX):
            while not (changes := await _look(stream, pace)):
                continue
    except TimeoutError:
        return False
    finally:
        await stream.close()
    return _is_of(changes[0], name) and changes[0]["operationType"] == "update"


async def _look(stream: Stream, pace: Pace) -> tuple[Change, ...]:
    pace.look()
    changes = (await stream.page()).changes
    if changes:
        pace.found()
    else:
        await pace.rest()
    return changes


def _is_of(change: Change, name: str) -> bool:
    key: dict[str, Any] = change.get("documentKey") or {}
    return key.get("_id") == name
