"""What one pull sends (S1): hello, a snapshot where one is needed, then the log page by page.

Everything here blocks on the file; who waits, and how, is the business of ``pull``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from sync.core.decode import decode
from sync.errors import from_json
from sync.hub.permissions import Access
from sync.hub.scope import Scope
from sync.ids import ReplicaId
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
    Settled,
    Verdict,
)

PULL_PAGE_ENTRIES_MAX = 200
PULL_PAGE_DOCUMENTS_MAX = 500
"""Documents read at once: a few hundred kilobytes, so that others get their turn in between."""
BEGIN_OWN_MAX = 1_000
"""Verdicts sent along with a snapshot: more than a device can have unsettled in a day's work."""


class Feed:
    """The messages for one cursor under one identity's rights, in their order."""

    def __init__(
        self,
        replica: Replica,
        hub_id: str,
        rights: Access,
        cursor: Cursor,
        present_rights: Callable[[], Access | None],
    ) -> None:
        """``present_rights`` looks the rights up again; None when the person has none any more."""
        self._rights = rights
        self._present_rights = present_rights
        self._replica = replica
        self._hub_id = hub_id
        self._scope = Scope(replica, rights)
        self._scope_digest = rights.digest()
        self._cursor = cursor
        self._position = cursor.seq

    def opening(self) -> Iterator[Message]:
        """``Hello``, the snapshot if the cursor does not continue, and what is settled already of
        the batches that the device holds for others; read as it is asked for."""
        hello = self._hello()
        yield hello
        if hello.snapshot:
            yield from self._snapshot(hello.head)
            self._position = hello.head
        for replica, first in self._cursor.held:
            for n in self._replica.parts.log.settled_from(replica, first, self._position):
                yield Settled(replica, n)

    def is_current(self) -> bool:
        """Whether the rights are still those the feed was opened with; else it must end."""
        return self._present_rights() == self._rights

    def more(self) -> list[Message]:
        """The next page of the log after ``opening``; empty when everything has been sent."""
        entries = self._replica.parts.log.since(self._position, PULL_PAGE_ENTRIES_MAX)
        if not entries:
            return []
        messages: list[Message] = []
        for entry in entries:
            messages += self._of(entry)
        last = entries[-1]
        if not (messages and _seq_of(messages[-1]) == last.seq):
            messages.append(Position(last.seq, last.chain))
        self._position = last.seq
        return messages

    def ping(self) -> Ping:
        """The line is alive."""
        return Ping(self._replica.parts.clock.now_ms())

    def _hello(self) -> Hello:
        parts, cursor = self._replica.parts, self._cursor
        with parts.database.lock:
            identity = parts.identity
            same_log = cursor.seq > 0 and parts.log.chain_at(cursor.seq) == cursor.chain
            shared = parts.log.shared(cursor.epoch, cursor.seq, identity.epoch)
            return Hello(
                hub_id=self._hub_id,
                epoch=identity.epoch,
                head=identity.seq,
                hub_time_ms=parts.clock.now_ms(),
                scope=self._scope_digest,
                snapshot=not (same_log and cursor.scope == self._scope_digest),
                shared=cursor.seq if same_log else shared,
            )

    def _snapshot(self, at: int) -> Iterator[Message]:
        """Everything in the scope; documents may be newer than ``at``, none is older."""
        entries = self._replica.parts.log.newest_of(self._cursor.replica, at, BEGIN_OWN_MAX)
        own = tuple((entry.seq, _verdict(entry)) for entry in entries)
        yield Begin(at, self._scope.count(), own)
        for collection in self._scope.collections():
            after, more = "", True
            while more:
                docs, after = self._scope.page(collection, after, PULL_PAGE_DOCUMENTS_MAX)
                more = after != ""
                if docs is not None:
                    yield docs
        yield End(at, self._replica.parts.log.chain_at(at) or "")

    def _of(self, entry: Entry) -> Iterable[Message]:
        own = entry.replica == self._cursor.replica
        batch = decode(entry.payload)
        if own:
            yield Outcome(entry.seq, entry.chain, _verdict(entry))
        if entry.status == "accepted":
            look = self._scope.outside if own else self._scope.part
            part = look(entry.seq, entry.chain, batch)
            if part is not None:
                yield part
        names = [(entry.replica, entry.n), *([] if batch.origin is None else [batch.origin[:2]])]
        yield from (Settled(*name) for name in names if self._is_held(*name))

    def _is_held(self, replica: ReplicaId, n: int) -> bool:
        return any(replica == author and n >= first for author, first in self._cursor.held)


def _verdict(entry: Entry) -> Verdict:
    error = None if entry.reason is None else from_json(json.loads(entry.reason))
    return Verdict(entry.n, entry.digest, error)


def _seq_of(message: Message) -> int | None:
    return message.seq if isinstance(message, Part | Outcome | Position) else None
