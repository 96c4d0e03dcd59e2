"""Batches of other devices that came from a peer, until the hub has settled them (L7, C5, S4).

A held batch is shown like own work that waits: its documents keep the form they have without it,
and when it is released they are built anew. Whatever the hub said of it, releasing is the whole
answer: what it accepted has come with its log by then, what it refused is to be seen no more. So a
held batch may be released whenever the hub has spoken or can be believed to hear from its author.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sync.core.batch import Batch, Origin, digest_of
from sync.core.decode import BESIDE_MAX, decode
from sync.errors import DatabaseCorrupt
from sync.ids import ReplicaId
from sync.local.merging import Planned
from sync.local.oplog import provenance_of
from sync.local.parts import Parts
from sync.local.unsettled import Unsettled
from sync.wire.messages import HELD_REPLICAS_MAX

HELD_BATCHES_MAX = BESIDE_MAX
"""As many as a later batch can name as known (C5); a day without a hub in a busy store."""
HELD_BYTES_MAX = 64 * 1_048_576
HELD_KEEP_DAYS = 14
"""A device that has not met the hub for this long keeps its work; we stop showing it."""
EVICTED_MAX = 10_000
"""Retractions remembered, newest first. What is older, a peer no longer has unsettled."""
DAY_MS = 86_400_000

Names = list[tuple[str, str]]


class Traces(NamedTuple):
    """Which tables have anything in them: what keeps documents from being merged as they come."""

    evicted: bool
    pending: bool
    held: bool


_TRACES = f"SELECT {', '.join(f'EXISTS (SELECT 1 FROM {name})' for name in Traces._fields)}"


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """One batch held for somebody else. ``proof`` is what a peer is shown with it."""

    replica: ReplicaId
    n: int
    digest: str
    payload: bytes
    proof: str


class Held:
    """The table ``held``, and what becomes of documents when it changes. Called in transactions."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._unsettled = Unsettled(parts)
        self._traces = Traces(evicted=True, pending=True, held=True)
        self._traced = -1

    def all(self) -> list[HeldBatch]:
        """Every held batch, by replica and number."""
        sql = "SELECT replica, n, digest, payload, proof FROM held ORDER BY replica, n"
        return [self._held(*row) for row in self._parts.database.query(sql)]

    def of(self, replica: ReplicaId, n: int) -> HeldBatch | None:
        """One held batch."""
        sql = "SELECT replica, n, digest, payload, proof FROM held WHERE replica = ? AND n = ?"
        rows = self._parts.database.query(sql, (replica, n))
        return self._held(*rows[0]) if rows else None

    def _held(self, replica: str, n: int, digest: str, payload: bytes, proof: str) -> HeldBatch:
        if digest_of(payload) != digest:
            path = self._parts.database.path
            raise DatabaseCorrupt(f"{path}: a batch was altered on the disk.")
        return HeldBatch(ReplicaId(replica), n, digest, payload, proof)

    def numbers(self) -> dict[ReplicaId, list[int]]:
        """The numbers of what is held, by replica."""
        found: dict[ReplicaId, list[int]] = {}
        for replica, n in self._parts.database.peek(
            "SELECT replica, n FROM held ORDER BY replica, n"
        ):
            found.setdefault(replica, []).append(n)
        return found

    def oldest(self) -> tuple[tuple[ReplicaId, int], ...]:
        """Whose batches are held, and the oldest number of each: what the hub is asked about."""
        if not self.traces().held:
            return ()
        return tuple((replica, numbers[0]) for replica, numbers in self.numbers().items())

    def has_room(self, replica: ReplicaId, size: int) -> bool:
        """Whether one more batch of this replica can be held (S8)."""
        ((count, total, replicas, known),) = self._parts.database.query(
            "SELECT count(*), coalesce(sum(length(payload)), 0), count(DISTINCT replica),"
            " coalesce(max(replica = ?), 0) FROM held",
            (replica,),
        )
        room = count < HELD_BATCHES_MAX and total + size <= HELD_BYTES_MAX
        return bool(room and (known or replicas < HELD_REPLICAS_MAX))

    def put(self, batch: Batch, payload: bytes, proof: str, planned: list[Planned]) -> Names:
        """Hold a batch and show its documents with it; those that moved."""
        parts, first = self._parts, batch.origin or (batch.replica, batch.n, digest_of(payload))
        parts.database.execute(
            "INSERT INTO held(replica, n, digest, hlc, first, at_ms, payload, proof)"
            " VALUES(?,?,?,?,?,?,?,?)",
            (
                *(batch.replica, batch.n, digest_of(payload), batch.hlc, _name(first)),
                *(parts.identity.now_ms(), payload, proof),
            ),
        )
        parts.log.learn(provenance_of(batch, None))
        parts.identity.clock.observe(batch.hlc)
        return self._show(batch, planned)

    def show_again(self) -> None:
        """Put everything held back on top, after documents went back to their confirmed form."""
        for each in self.all():
            batch = decode(each.payload)
            self._show(batch, self._parts.merging.plan(batch))

    def _show(self, batch: Batch, planned: list[Planned]) -> Names:
        self._unsettled.keep(batch.replica, batch.n, planned)
        applied = self._parts.merging.apply(self._parts.identity.seq, planned, judge=False)
        return [(name, doc_id) for name, ids in applied.changed.items() for doc_id in ids]

    def settled(self, replica: ReplicaId, n: int, origin: Origin | None = None) -> Names:
        """The hub has spoken of this batch; documents of what is released, under whatever name."""
        names = [(replica, n)] if origin is None else [(replica, n), origin[:2]]
        found: set[tuple[ReplicaId, int]] = set()
        for author, number in names:
            rows = self._parts.database.query(
                "SELECT replica, n FROM held WHERE (replica = ?1 AND n = ?2)"
                " OR substr(first, 1, length(?3)) = ?3",
                (author, number, f"{author}/{number}/"),
            )
            found.update(rows)
        return self.release(sorted(found))

    def release(self, batches: Iterable[tuple[ReplicaId, int]]) -> Names:
        """Show some held batches no more; their documents, built anew without them."""
        database, names = self._parts.database, list[tuple[str, str]]()
        for key in batches:
            sql = "SELECT collection, id FROM pending WHERE replica = ? AND n = ?"
            names += [(str(name), str(doc_id)) for name, doc_id in database.query(sql, key)]
            database.execute("DELETE FROM pending WHERE replica = ? AND n = ?", key)
            database.execute("DELETE FROM held WHERE replica = ? AND n = ?", key)
        for collection, doc_id in names:
            self._unsettled.rebuild(collection, doc_id)
        for collection, doc_id in names:
            self._unsettled.close(collection, doc_id)
        return names

    def release_all(self) -> Names:
        """Show nothing of others' unsettled work any more."""
        return self.release([(r, n) for r, numbers in self.numbers().items() for n in numbers])

    def release_old(self, now_ms: int) -> Names:
        """Let go of what the hub has not heard of in ``HELD_KEEP_DAYS``."""
        sql = "SELECT replica, n FROM held WHERE abs(? - at_ms) > ?"
        rows = self._parts.database.query(sql, (now_ms, HELD_KEEP_DAYS * DAY_MS))
        return self.release([(ReplicaId(replica), n) for replica, n in rows])

    def leave(self, collection: str, doc_id: str) -> Names:
        """A document leaves the scope, and with it every held batch that would change it (S4)."""
        names = self.release(self._unsettled.others_on(collection, doc_id))
        note_evicted(self._parts, collection, doc_id, here=False)
        return names

    def traces(self) -> Traces:
        """Whether there is anything that what the hub sends may have to do with. Remembered as
        long as nothing was written that could have changed it."""
        database = self._parts.database
        with database.lock:
            if self._traced != database.writes:
                evicted, pending, held = database.peek(_TRACES)[0]
                self._traces = Traces(bool(evicted), bool(pending), bool(held))
                self._traced = database.writes
            return self._traces

    def enter(self, names: Iterable[tuple[str, str]]) -> None:
        """The hub sends these documents (again): they are in the scope."""
        sql = "DELETE FROM evicted WHERE collection = ? AND id = ?"
        self._parts.database.executemany(sql, names)

    def is_evicted(self, collection: str, doc_id: str) -> bool:
        """Whether the hub took this document out of our scope and has not sent it since."""
        sql = "SELECT 1 FROM evicted WHERE collection = ? AND id = ? AND NOT here"
        return bool(self._parts.database.query(sql, (collection, doc_id)))


def note_evicted(parts: Parts, collection: str, doc_id: str, *, here: bool) -> None:
    """Remember that a document went: evicted ``here``, or by the hub. Part of a transaction."""
    parts.database.execute(
        "INSERT OR REPLACE INTO evicted(collection, id, at_ms, here) VALUES(?, ?, ?, ?)",
        (collection, doc_id, parts.identity.now_ms(), here),
    )
    parts.database.execute(
        "DELETE FROM evicted WHERE number <= (SELECT max(number) FROM evicted) - ?", (EVICTED_MAX,)
    )


def _name(origin: Origin) -> str:
    replica, n, digest = origin
    return f"{replica}/{n}/{digest}"
