"""Serving a pull (S1): hello, a snapshot where one is needed, then the log for as long as it lasts.

An async generator of messages. What reads the database runs in worker threads; the loop only waits.
A device that reads slowly holds its own stream back and nobody else's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable

from sync.core.decode import decode
from sync.errors import from_json
from sync.hub.permissions import Access
from sync.hub.scope import Scope
from sync.local.oplog import Entry
from sync.local.replica import Replica
from sync.wire.messages import (
    Begin,
    Cursor,
    End,
    Hello,
    Message,
    Outcome,
    Part,
    Ping,
    Position,
    Verdict,
)

PULL_PAGE_ENTRIES_MAX = 200
PULL_PAGE_DOCUMENTS_MAX = 500
"""Documents read at once: a few hundred kilobytes, so that others get their turn in between."""
BEGIN_OWN_MAX = 1_000
"""Verdicts sent along with a snapshot: more than a device can have unsettled in a day's work."""
KEEPALIVE_SECONDS = 15.0
"""Shorter than the idle limits of usual proxies and phone radios."""


class Doorbell:
    """Wakes every open pull when the log has grown, from whatever thread grew it."""

    def __init__(self) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def ring(self) -> None:
        """The log has grown."""
        for loop, event in list(self._waiting):
            loop.call_soon_threadsafe(event.set)

    def open(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Event]:
        """Register the caller; give the result to ``close``."""
        bell = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(bell)
        return bell

    def close(self, bell: tuple[asyncio.AbstractEventLoop, asyncio.Event]) -> None:
        """The caller listens no more."""
        self._waiting.discard(bell)


class Pull:
    """One open stream to one device."""

    def __init__(
        self, replica: Replica, hub_id: str, rights: Access, cursor: Cursor, doorbell: Doorbell
    ) -> None:
        self._replica = replica
        self._hub_id = hub_id
        self._scope = Scope(replica, rights)
        self._scope_digest = rights.digest()
        self._cursor = cursor
        self._doorbell = doorbell

    async def messages(self) -> AsyncGenerator[Message, None]:
        """The stream; endless, until the caller stops reading."""
        bell = self._doorbell.open()
        try:
            hello = await asyncio.to_thread(self._hello)
            yield hello
            position = self._cursor.seq
            if hello.snapshot:
                position = hello.head
                async for message in self._snapshot(hello.head):
                    yield message
            async for message in self._log(position, bell[1]):
                yield message
        finally:
            self._doorbell.close(bell)

    def _hello(self) -> Hello:
        parts, cursor = self._replica.parts, self._cursor
        with parts.database.lock:
            identity = parts.identity
            continues = (
                cursor.epoch == identity.epoch
                and cursor.seq > 0
                and cursor.scope == self._scope_digest
                and parts.log.chain_at(cursor.seq) == cursor.chain
            )
            return Hello(
                hub_id=self._hub_id,
                epoch=identity.epoch,
                head=identity.seq,
                hub_time_ms=parts.clock.now_ms(),
                scope=self._scope_digest,
                snapshot=not continues,
            )

    async def _snapshot(self, at: int) -> AsyncIterator[Message]:
        """Everything in the scope; documents may be newer than ``at``, none is older."""
        yield await asyncio.to_thread(self._begin, at)
        for collection in self._scope.collections():
            after, more = "", True
            while more:
                docs, after = await asyncio.to_thread(
                    self._scope.page, collection, after, PULL_PAGE_DOCUMENTS_MAX
                )
                more = after != ""
                if docs is not None:
                    yield docs
        chain = await asyncio.to_thread(self._replica.parts.log.chain_at, at)
        yield End(at, chain or "")

    def _begin(self, at: int) -> Begin:
        entries = self._replica.parts.log.newest_of(self._cursor.replica, at, BEGIN_OWN_MAX)
        return Begin(at, self._scope.count(), tuple(_verdict(entry) for entry in entries))

    async def _log(self, position: int, grown: asyncio.Event) -> AsyncIterator[Message]:
        while True:
            grown.clear()
            messages, reached = await asyncio.to_thread(self._page, position)
            for message in messages:
                yield message
            if reached > position:
                position = reached
                continue
            try:
                await asyncio.wait_for(grown.wait(), KEEPALIVE_SECONDS)
            except TimeoutError:
                yield Ping(self._replica.parts.clock.now_ms())

    def _page(self, position: int) -> tuple[list[Message], int]:
        """The next messages and the seq they reach."""
        entries = self._replica.parts.log.since(position, PULL_PAGE_ENTRIES_MAX)
        messages: list[Message] = []
        for entry in entries:
            messages += self._of(entry)
        if entries and not (messages and _seq_of(messages[-1]) == entries[-1].seq):
            messages.append(Position(entries[-1].seq, entries[-1].chain))
        return messages, entries[-1].seq if entries else position

    def _of(self, entry: Entry) -> Iterable[Message]:
        own = entry.replica == self._cursor.replica
        if own:
            yield Outcome(entry.seq, entry.chain, _verdict(entry))
        if entry.status == "accepted":
            part = self._scope.part(entry.seq, entry.chain, decode(entry.payload))
            if part is not None and not own:
                yield part
            elif part is not None and part.gone:
                yield Part(entry.seq, entry.chain, part.source, (), (), part.gone)


def _verdict(entry: Entry) -> Verdict:
    error = None if entry.reason is None else from_json(json.loads(entry.reason))
    return Verdict(entry.n, entry.digest, error)


def _seq_of(message: Message) -> int | None:
    return message.seq if isinstance(message, Part | Outcome | Position) else None
