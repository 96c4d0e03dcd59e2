"""Pre- and post-images where the server has them, and whether change streams deliver."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pymongo.errors import OperationFailure, PyMongoError

from app.domain.collections import SYNCED
from datagen.database.indexing import Database
from datagen.database.verdict import Verdict, bad, good, note
from sync.connector.connection import is_refusal, told, translated
from sync.connector.pace import Pace, sleep
from sync.connector.trial import tried
from sync.errors.mongo import ChangeStreamsMissing
from sync.ports import Stopwatch

AWAIT_MS: Final = 500
NAMESPACE_NOT_FOUND: Final = 26
IMAGES: Final = "changeStreamPreAndPostImages"


async def enable(database: Database) -> list[Verdict]:
    """Have the server keep images of every synced collection; read back whether it does. What holds
    for the server or for the user is said once."""
    kept: list[str] = []
    for name in SYNCED:
        verdict = await _enabled(database, name)
        if verdict is not None:
            return [verdict]
        kept.append(name)
    return [good("images", f"The server keeps {', '.join(kept)} as they were and as they are.")]


async def _enabled(database: Database, name: str) -> Verdict | None:
    """What is in the way, if anything is."""
    try:
        try:
            await database.command({"collMod": name, IMAGES: {"enabled": True}})
        except OperationFailure as error:
            if error.code != NAMESPACE_NOT_FOUND:
                raise
            await database.command({"create": name, IMAGES: {"enabled": True}})
    except OperationFailure as error:
        if is_refusal(error):
            message = f"The user may not set {name} up: {told(error)}"
            return bad("images", message, "Grant dbAdmin on the database, then run this again.")
        return _without(str(told(error)))
    except PyMongoError as error:
        raise told(error) from None
    if await _has_images(database, name):
        return None
    return _without("It took the command and keeps none.")


def _without(why: str) -> Verdict:
    return note(
        "images",
        f"This server has no pre- and post-images. {why}",
        "Nothing is to be done: the connector works without. MongoDB has them from 6.0 on.",
    )


async def _has_images(database: Database, name: str) -> bool:
    with translated():
        listed = await (await database.list_collections(filter={"name": name})).to_list()
    options: dict[str, Any] = listed[0].get("options") or {} if listed else {}
    return bool((options.get(IMAGES) or {}).get("enabled"))


async def test(
    database: Database, trial: str, stopwatch: Stopwatch, now: datetime
) -> list[Verdict]:
    """Write a document of this name, wait for the streams to tell of it, and say what they gave."""
    began = stopwatch.ticks_ns()
    try:
        found = await tried(database, trial, Pace(stopwatch, sleep, AWAIT_MS), now)
    except ChangeStreamsMissing as error:
        return [bad("streams", str(error), error.remedy)]
    spent_ms = (stopwatch.ticks_ns() - began) / 1_000_000
    said = f"A change was written, seen and resumed after in {spent_ms:.0f} ms."
    wide = "One stream of the database brings everything."
    narrow = "The stream of the database brings nothing: one a collection is used."
    return [
        good("streams", said),
        good("database stream", wide) if found.database_stream else note("database stream", narrow),
        good("descriptions", "Updates say which fields changed.")
        if found.descriptions
        else note("descriptions", "Updates bring documents only; they are compared with ours."),
        good("resume", "A stream goes on where it was.")
        if found.resumes
        else note("resume", "A stream that is opened again begins anew: we compare everything."),
    ]
