"""A document that makes the round trip (M6): written here, seen again in the stream. How long that
takes is the connector's health; "running" without it is "stalled"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pymongo import WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from sync.connector.around import Around
from sync.connector.connection import translated
from sync.connector.events import Event, Inserted, Replaced, Updated
from sync.connector.stream import Change
from sync.connector.trial import HEARTBEATS

BEAT_MS = 2_000
STALLED_MS = 15_000
"""Without a heartbeat for so long nothing else comes through either."""
WRITE_MS_MAX = 5_000


class Heartbeat:
    """One connector's beats. Each carries the time at which it was written."""

    def __init__(self, database: AsyncDatabase[Change], connector: str, around: Around) -> None:
        concern = WriteConcern("majority", wtimeout=WRITE_MS_MAX)
        self._place = database[HEARTBEATS].with_options(write_concern=concern)
        self._key = f"heartbeat:{connector}"
        self._clock = around.clock
        self._sleep = around.sleep
        self._since = around.clock.now_ms()
        self.lag_ms: int | None = None
        self.heard_at_ms: int | None = None

    async def beat(self, worked: Callable[[], None]) -> None:
        """Write for ever. Raises the named error when it cannot."""
        while True:
            now_ms = self._clock.now_ms()
            at = datetime.fromtimestamp(now_ms / 1_000, UTC)
            with translated():
                change = {"$set": {"beat": now_ms, "at": at}}
                await self._place.update_one({"_id": self._key}, change, upsert=True)
            worked()
            await self._sleep(BEAT_MS)

    def hear(self, event: Event) -> None:
        """Take an event of the heartbeats' collection."""
        beat = _beat(event, self._key)
        if beat is not None and beat >= self._since:
            self.heard_at_ms = self._clock.now_ms()
            self.lag_ms = max(0, self.heard_at_ms - beat)

    def is_stalled(self) -> bool:
        """Whether no beat has come back for too long."""
        return self._clock.now_ms() - (self.heard_at_ms or self._since) > STALLED_MS


def _beat(event: Event, key: str) -> int | None:
    fields: Any = None
    if isinstance(event, Inserted | Replaced) and event.key == key:
        fields = event.document
    elif isinstance(event, Updated) and event.key == key:
        fields = event.document if event.description is None else event.description.updated
    beat = fields.get("beat") if fields else None
    return int(beat) if isinstance(beat, int) else None
