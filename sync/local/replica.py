"""A replica: one local database file with an id, the only thing a screen reads or writes.

>>> replica = Replica.open("device.db", clock=SystemClock(), entropy=SystemEntropy())
...                                                                          # doctest: +SKIP
>>> with replica.transaction(author="user_ana") as tx:                       # doctest: +SKIP
...     tx.increment("inventory", "inv_1", ("stock_level",), -3)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, overload

from sync.core.conflicts import Conflict
from sync.core.decode import decode
from sync.core.stamps import CLOCK_DRIFT_MS_MAX
from sync.ids import Document, Json, ReplicaId, UserId
from sync.local.check import Told, check
from sync.local.counters import Counters
from sync.local.database import Database
from sync.local.digesting import digest
from sync.local.documents import Documents
from sync.local.held import Held
from sync.local.history import History, Which
from sync.local.identity import REPLICA_ID_BYTES, Identity
from sync.local.inbox import Inbox
from sync.local.indexes import Indexes
from sync.local.live import LiveQuery, Order, in_order
from sync.local.merging import Merging
from sync.local.observer import Deliver, Observer
from sync.local.observers import Observers
from sync.local.oplog import Log
from sync.local.outbox import Outbox, OutboxSummary
from sync.local.own_work import reissue, restamp
from sync.local.parts import Parts
from sync.local.received import Received
from sync.local.recent import Recent
from sync.local.refused import Quarantined
from sync.local.result import Result
from sync.local.schema import CACHE_MIB
from sync.local.second_chance import resend, restore
from sync.local.snapshot import Snapshot
from sync.local.statements import Statements
from sync.local.subscriptions import Subscriptions
from sync.local.system_collections import SystemCollections
from sync.local.table import Table
from sync.local.turns import Turns
from sync.local.writing import Writing
from sync.ports import Clock, Entropy
from sync.query import EVERYTHING, Node
from sync.query.difference import Changes
from sync.wire.messages import Message

NOBODY = UserId("nobody")
"""Author of writes made before anybody signed in."""


class Replica:
    """One open database file. All methods may be called from any thread."""

    def __init__(self, database: Database, clock: Clock, entropy: Entropy, kind: str) -> None:
        identity = Identity(database, clock, entropy, kind)
        documents = Documents(database)
        log = Log(database, identity.now_ms)
        self.history = History(database, log)
        merging = Merging(database, documents, self.history)
        indexes, counters = Indexes(database, documents), Counters(database, documents)
        self.parts = Parts(
            *(database, identity, documents, indexes, counters, log, merging),
            *(clock, entropy, Turns(), Recent(database, identity)),
        )
        self.identity = identity
        self.system = SystemCollections(self.parts, self.history)
        self._statements = Statements(self.parts, self.system)
        self._outbox = Outbox(self.parts)
        self._inbox = Inbox(self.parts)
        self.held = Held(self.parts)
        self.subscriptions = Subscriptions(database)
        self.history.prune()
        self._observers = Observers(self.parts, self._statements)
        self._on_commit: Callable[[], None] | None = None
        self.author = NOBODY

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        clock: Clock,
        entropy: Entropy,
        kind: str = "device",
        full_sync: bool = False,
        cache_mib: int | None = None,
    ) -> Replica:
        """Open the file at ``path``, or create it; ``":memory:"`` lives as long as the object.

        At most ``cache_mib`` of it are kept in memory, by default as many as suit its kind. Raises
        a ``StorageError`` that says what is wrong with the file; the file stays as it was."""
        database = Database(path, full_sync=full_sync, cache_mib=cache_mib or CACHE_MIB[kind])
        try:
            return cls(database, clock, entropy, kind)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Close the file and end its observers. Everything committed is safe with or without this
        call (L2)."""
        self._observers.close()
        self.parts.recent.close()
        self.parts.database.close()

    @property
    def id(self) -> ReplicaId:
        """This replica's id."""
        return self.identity.replica

    @overload
    def transaction(self, *, author: str | None = None) -> Writing: ...

    @overload
    def transaction(self, *, read_only: Literal[True]) -> Snapshot: ...

    def transaction(
        self, *, author: str | None = None, read_only: bool = False
    ) -> Writing | Snapshot:
        """One durable batch over several collections; an exception undoes all of it (L2, C7).

        For ``with`` and ``async with``: one transaction writes at a time, in the order in which
        they asked. With ``read_only`` one state of the data, for which nobody waits."""
        if read_only:
            return Snapshot(self.parts, self._statements)
        author = self.author if author is None else author
        return Writing(self.parts, self._statements, UserId(author), self._committed)

    def _committed(self, changed: dict[str, set[str]]) -> None:
        self.notify(changed)
        if self._on_commit is not None:
            self._on_commit()

    def execute(
        self, text: str, args: Mapping[str, Json] | None = None, *, author: str | None = None
    ) -> Result:
        """Carry out one DQL statement; a change is a transaction of its own (L4).

        Raises a ``StatementError`` that knows the place in the text, before anything is done."""
        return self._statements.execute(text, args, lambda: self.transaction(author=author))

    def on_commit(self, callback: Callable[[], None] | None) -> None:
        """Have ``callback`` called after each local commit, on the committing thread."""
        self._on_commit = callback

    def receive(self, messages: Sequence[Message]) -> Received:
        """Merge what the hub sent, in one commit; live queries wake once."""
        received = self._inbox.receive(messages)
        self.notify(received.changed)
        return received

    def get(self, collection: str, doc_id: str) -> Document | None:
        """One document with its ``_id``, or None; a copy."""
        return self.parts.documents.get(collection, doc_id)

    def matching(self, collection: str, where: Node) -> Iterator[Document]:
        """Documents that meet a condition, by id, read as they are asked for."""
        return self.parts.documents.find(collection, where)

    def find(
        self,
        collection: str,
        where: Node = EVERYTHING,
        order_by: Order = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Document]:
        """Documents that meet a condition, sorted; copies."""
        ordered = in_order(self.matching(collection, where), order_by)
        return ordered[offset : None if limit is None else offset + limit]

    def count(self, collection: str, where: Node = EVERYTHING) -> int:
        """How many documents meet a condition."""
        return self.parts.documents.count(collection, where)

    def table(self, name: str) -> Table:
        """A collection with TinyDB's face (L3)."""
        return Table(self, name)

    def live(
        self,
        collection: str,
        where: Node = EVERYTHING,
        order_by: Order = (),
        limit: int | None = None,
    ) -> LiveQuery:
        """A query that stays true (L5)."""
        return self._observers.live(collection, where, order_by, limit)

    def register_observer(
        self,
        statement: str,
        args: Mapping[str, Json] | None = None,
        callback: Callable[[Changes], object] | None = None,
        *,
        deliver: Deliver | None = None,
        paced: bool = False,
    ) -> Observer:
        """Have ``callback`` told the answer of a SELECT, and every change of it from then on (L5).

        ``deliver`` says where: by default on the running event loop, without one on a thread of
        this replica's. With ``paced`` the next difference comes only after ``signal_next``. Without
        a callback the observer is read by ``async for``. Raises ``StatementError``."""
        return self._observers.register(statement, args or {}, callback, deliver, paced)

    def ensure_indexes(self, indexes: dict[str, list[list[tuple[str, ...]]]]) -> None:
        """Make sure that conditions on these paths need no scan: {collection: [[path, …], …]}."""
        with self.parts.database.transaction():
            for collection, lists in indexes.items():
                for paths in lists:
                    self.parts.indexes.ensure(collection, paths)

    def declare_counters(self, fields: Mapping[str, Iterable[tuple[str, ...]]]) -> None:
        """Remember which fields are counters (C4), whatever opens this file next: on these, DQL's
        ``SET n = n - 3`` counts instead of writing."""
        with self.parts.database.transaction():
            self.parts.counters.declare(fields)

    def conflicts(
        self,
        collection: str | None = None,
        doc_id: str | None = None,
        *,
        user: str | None = None,
        replica: str | None = None,
        path: tuple[str, ...] | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        limit: int = 100,
    ) -> list[Conflict]:
        """Losing writes whose winner's author had not seen them (C5), newest first.

        ``user`` and ``replica`` match either side, ``path`` a field and what is below it, the times
        when the losing write was made (Unix milliseconds, the end excluded).
        """
        which = Which(
            *(collection, doc_id, None, user, replica, path),
            since_ms=since_ms,
            until_ms=until_ms,
        )
        return self.history.find(which, limit)

    def restore(self, conflict_id: str, *, author: str | None = None) -> bool:
        """Have a losing write back, by one new write (C5); False if there is no such record."""
        found = self.history.find(Which(conflict_id=conflict_id), 1)
        for conflict in found:
            with self.transaction(author=author) as tx:
                restore(tx, conflict)
        return bool(found)

    def outbox(self) -> OutboxSummary:
        """How many own batches wait, are under way, or were refused."""
        return self._outbox.summary()

    @property
    def sending(self) -> Outbox:
        """The outbox itself, for the replicator."""
        return self._outbox

    def quarantine(self) -> list[Quarantined]:
        """Batches the hub refused, with the reason, oldest first (S3)."""
        return self._outbox.quarantine()

    def reissue(self) -> None:
        """Take a new replica id and write unsettled work again under it: this file was copied or
        restored, and the hub knows other batches under its numbers (C8). Nothing is lost."""
        self.notify(reissue(self.parts))

    def begin_epoch(self) -> None:
        """A hub starts: from here on its log may differ from what a backup of it says (S1)."""
        with self.parts.database.transaction():
            self.parts.log.end_epoch(self.identity.epoch, self.identity.seq)
            self.identity.epoch = self.parts.entropy.draw(REPLICA_ID_BYTES).hex()
            self.identity.save()

    def judge_clock(self, hub_time_ms: int) -> bool:
        """Compare our clock with the hub's; if it is off by more than ``CLOCK_DRIFT_MS_MAX``,
        follow hub time and stamp anew what has never left this device (C1). Whether it was off."""
        if abs(hub_time_ms - self.identity.now_ms()) <= CLOCK_DRIFT_MS_MAX:
            return False
        self.notify(restamp(self.parts, hub_time_ms))
        return True

    def resend(
        self,
        n: int,
        *,
        edits: Mapping[tuple[str, str], Document] | None = None,
        author: str | None = None,
    ) -> bool:
        """Write a refused batch again as a new one, with some fields edited: {(collection, id):
        {field: value}}, nested as in the document; for a counter the value is how many to count.
        The refused one is then discarded. False if there is no such batch (S3)."""
        entry = self._outbox.refused(n)
        if entry is not None:
            with self.transaction(author=author) as tx:
                resend(tx, decode(entry.payload), edits or {})
                self.parts.log.mark(entry.seq, "discarded", entry.reason)
        return entry is not None

    def export_refused(self, n: int, *, device_name: str = "") -> Document | None:
        """A refused batch as one JSON document: reason, person, device, stamp and every field, in
        the format of ``docs/local.md``. None if there is no such batch (S3)."""
        return self._outbox.export(n, device_name)

    def discard(self, n: int) -> None:
        """Give up a refused batch."""
        self._outbox.discard(n)

    def state_of(self, collection: str, doc_id: str) -> str:
        """For the mark beside a record: "saved", "sent", "synced" or "needs_you"."""
        return self._outbox.state_of(collection, doc_id)

    def digest(self, collection: str, ids: Iterable[str] | None = None) -> str:
        """A hash over the full state, stamps included, of a collection or of some of its
        documents. Two replicas that hold the same documents agree on it when they converged."""
        return digest(self.parts, collection, ids)

    def check(self, told: Told | None = None) -> None:
        """Look at everything in the file; ``DatabaseCorrupt`` names the first damage found.

        Takes seconds where a replica is large, and says to ``told`` how far it is."""
        with self.parts.database.lock:
            check(self.parts, self.history, told)

    def note(self, name: str) -> object | None:
        """A small setting kept in this file (profile, token), or None."""
        rows = self.parts.database.query("SELECT value FROM notes WHERE name = ?", (name,))
        return self.parts.database.parse(rows[0][0]) if rows else None

    def set_note(self, name: str, value: object | None) -> None:
        """Keep or remove a small setting."""
        with self.parts.database.transaction():
            self.parts.database.execute("DELETE FROM notes WHERE name = ?", (name,))
            if value is not None:
                row = (name, json.dumps(value))
                self.parts.database.execute("INSERT INTO notes(name, value) VALUES(?, ?)", row)

    def notify(self, changed: dict[str, set[str]]) -> None:
        """Tell observers of what a commit outside ``transaction`` changed."""
        self._observers.committed(changed)
