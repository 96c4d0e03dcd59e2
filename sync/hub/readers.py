"""How far each device has read the hub's log, as far as the hub can tell.

What a device says itself is certain: the cursor that opens a pull, and what a pushed batch names as
merged. What has gone out to it since is likely. Kept in a hub-only table; what is new is written
every ``SENT_KEEP_MS`` at most, so a busy log costs a write now and then and not one a message.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace

from sync.core.batch import Batch
from sync.ids import ReplicaId
from sync.local.database import Database
from sync.local.identity import Identity
from sync.wire.messages import End, Hello, Message, Outcome, Part, Position

SENT_KEEP_MS = 5_000
"""How old the kept place of a busy device may be: a killed hub forgets this much."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One device. ``read`` and ``sent`` are places in the log, each under a scope, named by its
    digest; the times are Unix milliseconds. Whoever has read beyond ``turned`` does so under
    ``sent_scope``."""

    replica: ReplicaId
    read: int
    read_scope: str
    heard_ms: int
    sent: int
    sent_scope: str
    turned: int
    sent_ms: int

    @property
    def reached(self) -> int:
        """How far it has got, if everything that went out has arrived."""
        return max(self.read, self.sent)


class Readers:
    """The table ``readers`` and what is newer than it. May be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._newer: dict[ReplicaId, Reader] = {}
        database.execute(
            """CREATE TABLE IF NOT EXISTS readers(
                replica TEXT PRIMARY KEY, read INTEGER NOT NULL, read_scope TEXT NOT NULL,
                heard_ms INTEGER NOT NULL, sent INTEGER NOT NULL, sent_scope TEXT NOT NULL,
                turned INTEGER NOT NULL, sent_ms INTEGER NOT NULL) WITHOUT ROWID"""
        )

    def of(self, replica: str) -> Reader | None:
        """What is known of a device; None before it asked for the first time."""
        with self._lock:
            if (newer := self._newer.get(ReplicaId(replica))) is not None:
                return newer
        rows = self._database.query("SELECT * FROM readers WHERE replica = ?", (replica,))
        return Reader(*rows[0]) if rows else None

    def opened(self, replica: ReplicaId, read: int, scope: str, now_ms: int) -> None:
        """A device asks for what comes after ``read``, 0 where it has to begin anew."""
        self._keep(Reader(replica, read, scope, now_ms, read, scope, read, now_ms))

    def pushed(self, taken: Iterable[Batch], log: Identity, now_ms: int) -> None:
        """Devices have sent work that was made on top of our log, up to some place in it."""
        for batch in taken:
            context = batch.context
            merged = min(context.seq, log.seq) if context.epoch == log.epoch else 0
            self._merged(batch.replica, merged, now_ms)

    def _merged(self, replica: ReplicaId, merged: int, now_ms: int) -> None:
        known = self.of(replica)
        if known is None:
            return
        scope = known.sent_scope if merged > known.turned else known.read_scope
        read = max(known.read, merged)
        if now_ms - known.heard_ms >= SENT_KEEP_MS:
            self._keep(replace(known, read=read, read_scope=scope, heard_ms=now_ms))
        elif (read, scope) != (known.read, known.read_scope):
            with self._lock:
                self._newer[replica] = replace(known, read=read, read_scope=scope)

    def went_out(self, replica: ReplicaId, message: Message, now_ms: int) -> bool:
        """A message of a pull has gone out; whether it is time to ``keep`` that."""
        known = self.of(replica)
        if known is None:
            return False
        found = _after(known, message)
        if found == known:
            return False
        due = now_ms - known.sent_ms >= SENT_KEEP_MS
        with self._lock:
            self._newer[replica] = replace(found, sent_ms=now_ms) if due else found
        return due

    def keep(self, replica: ReplicaId) -> None:
        """Write down how far a device has come; when its pull ends, too."""
        with self._lock:
            newer = self._newer.pop(replica, None)
        if newer is not None:
            self._keep(newer)

    def _keep(self, reader: Reader) -> None:
        with self._lock:
            self._newer.pop(reader.replica, None)
        self._database.execute(
            "INSERT OR REPLACE INTO readers VALUES(?,?,?,?,?,?,?,?)", astuple(reader)
        )


def _after(known: Reader, message: Message) -> Reader:
    """A device once a message has reached it."""
    match message:
        case Hello(snapshot=False, difference=False):
            return replace(known, sent_scope=message.scope)
        case End():
            at, scope = message.at, message.scope
            return replace(known, sent=at, sent_scope=scope, turned=at)
        case Part() | Outcome(more=False) | Position():
            return replace(known, sent=max(known.sent, message.seq))
    return known
