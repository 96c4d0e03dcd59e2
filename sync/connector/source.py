"""Reading MongoDB (``ports.Source``): streams, snapshots in order of ``_id``, single documents."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bson import Timestamp
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

from sync.connector.around import Around
from sync.connector.connection import translated
from sync.connector.events import (
    Bson,
    BsonDocument,
    Delivery,
    Event,
    Image,
    Inserted,
    Replaced,
    Updated,
    at_of,
    event_of,
    token_of,
    token_text,
)
from sync.connector.keys import greater, later_types, of_types
from sync.connector.pace import Pace
from sync.connector.ports import Chunk, Features
from sync.connector.stream import AWAIT_MS, Change, Page, Stream
from sync.connector.trial import HEARTBEATS, tried
from sync.core.stamps import hlc_of_ms

DATABASE = ""
"""The name of the database's stream; every other one has its collection's."""
_NAME_BYTES = 8


class MongoSource:
    """``ports.Source`` over one database; ``collections`` are those that anybody wants."""

    def __init__(
        self, database: AsyncDatabase[Change], collections: Iterable[str], around: Around
    ) -> None:
        # A majority has what is read, so that no fail-over takes back what a hub was told.
        self._database = database.with_options(read_concern=ReadConcern("majority"))
        self._collections = sorted({*collections, HEARTBEATS})
        self._around = around
        self.known_features: Features | None = None

    async def features(self) -> Features:
        """What this server gives, tried once."""
        if self.known_features is None:
            name = f"trial:{self._around.entropy.draw(_NAME_BYTES).hex()}"
            now = datetime.fromtimestamp(self._around.clock.now_ms() // 1_000, UTC)
            self.known_features = await tried(self._database, name, self._pace(), now)
        return self.known_features

    async def watch(self, stream: str, after: str | None) -> AsyncGenerator[Delivery, None]:
        """See ``ports.Source.watch``. Every delivery is asked for when the caller asks for it."""
        features = await self.features()
        plain = features.details["plain_documents"]
        opened = self._stream(stream, after, look_up=plain and not features.descriptions)
        pace = self._pace()
        try:
            await opened.open()
            while True:
                pace.look()
                page = await opened.page()
                yield await self._delivery(page, read_again=not plain)
                if page.changes:
                    pace.found()
                else:
                    await pace.rest()
        finally:
            await opened.close()

    async def chunk(self, collection: str, after: Bson | None, limit: int) -> Chunk:
        """See ``ports.Source.chunk``."""
        queries = [{}] if after is None else [greater(after)]
        if after is not None and (later := later_types(after)):
            queries.append(of_types(later))
        found: list[BsonDocument] = []
        async with self._reading() as (session, at):
            for query in queries:
                if len(found) < limit:
                    place = self._database[collection]
                    cursor = place.find(query, session=session).sort("_id", 1)
                    found += await cursor.limit(limit - len(found)).to_list()
        images = tuple(Image(each["_id"], each, at) for each in found)
        return Chunk(images, found[-1]["_id"] if found else after)

    async def read(self, collection: str, keys: Sequence[Bson]) -> tuple[Image, ...]:
        """See ``ports.Source.read``."""
        async with self._reading() as (session, at):
            place = self._database[collection]
            cursor = place.find({"_id": {"$in": list(keys)}}, session=session)
            return tuple(Image(each["_id"], each, at) for each in await cursor.to_list())

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[tuple[AsyncClientSession | None, int]]:
        """What is read in the block is not older than this time; 0 where the server has none."""
        with translated():
            time = await self._time()
            if time is None:
                yield None, 0
                return
            async with self._database.client.start_session(causal_consistency=True) as session:
                session.advance_operation_time(time)
                yield session, at_of(time.time, time.inc)

    async def count(self, collection: str) -> int:
        """About how many documents a collection has, for progress."""
        with translated():
            return await self._database[collection].estimated_document_count()

    async def now(self) -> int:
        """The server's cluster time as a clock reading; 0 where it has none."""
        with translated():
            time = await self._time()
        return 0 if time is None else at_of(time.time, time.inc)

    async def _time(self) -> Timestamp | None:
        if not (await self.features()).details["cluster_time"]:
            return None
        told = (await self._database.client.admin.command("ping")).get("operationTime")
        return told if isinstance(told, Timestamp) else None

    def _pace(self) -> Pace:
        return Pace(self._around.stopwatch, self._around.sleep, AWAIT_MS)

    def _stream(self, name: str, after: str | None, *, look_up: bool) -> Stream:
        token = token_of(after) if after else None
        if name != DATABASE:
            return Stream(self._database[name], after=token, look_up=look_up)
        return Stream(self._database, [_of(self._collections)], after=token, look_up=look_up)

    async def _delivery(self, page: Page, *, read_again: bool) -> Delivery:
        events = [each for change in page.changes if (each := _event(change)) is not None]
        if read_again:
            events = await self._read_again(events)
        return Delivery(tuple(events), "" if page.token is None else token_text(page.token))

    async def _read_again(self, events: list[Event]) -> list[Event]:
        """The events with documents read by key, for a server whose stream has them in a form of
        its own. What is gone by now has no image."""
        wanted: dict[str, list[Bson]] = {}
        for event in events:
            if isinstance(event, Inserted | Replaced | Updated):
                wanted.setdefault(event.collection, []).append(event.key)
        images = {
            (name, repr(image.key)): image.document
            for name, keys in wanted.items()
            for image in await self.read(name, keys)
        }
        return [_with_image(each, images) for each in events]


def _with_image(event: Event, images: dict[tuple[str, str], BsonDocument]) -> Event:
    if not isinstance(event, Inserted | Replaced | Updated):
        return event
    image = images.get((event.collection, repr(event.key)))
    if isinstance(event, Updated):
        return replace(event, document=image)
    if image is not None:
        return replace(event, document=image)
    head = (event.collection, event.at, event.token, event.transaction)
    return Updated(*head, event.key, None, None)


def _event(change: Change) -> Event | None:
    """The event in a change, also where the server's time is a date."""
    time = change.get("clusterTime")
    if isinstance(time, Timestamp) or time is None:
        return event_of(change)
    event = event_of({**change, "clusterTime": None})
    if event is None or not isinstance(time, datetime):
        return event
    return replace(event, at=hlc_of_ms(int(time.timestamp() * 1_000)))


def _of(collections: list[str]) -> dict[str, Any]:
    """A stage that lets through what concerns these collections, and the end of the database."""
    names = {"$in": collections}
    ends = {"operationType": {"$in": ["dropDatabase", "invalidate"]}}
    return {"$match": {"$or": [{"ns.coll": names}, {"to.coll": names}, ends]}}
