"""The op log (S1) and the provenance of every stamp we hold (C5, C8).

On a hub the log holds everybody's batches in the order they were accepted; on a device it holds
the device's own. A batch is identified by (replica, n, digest), where the digest chains it to the
batch before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sync.core.batch import NO_DIGEST, Batch, Context, Origin, digest_of
from sync.core.conflicts import Provenance
from sync.core.decode import context_of, decode
from sync.core.stamps import CLOCK_DRIFT_MS_MAX, Stamp, hlc_of_ms
from sync.core.text import compact
from sync.errors import DatabaseCorrupt, MessageGarbage
from sync.ids import ReplicaId, UserId
from sync.local.database import Database
from sync.local.entries import Entry, Status

_CACHE_MAX = 20_000
"""Provenances kept in memory; a merge mostly meets the same few batches again."""


_LEARN = (
    "INSERT INTO batches(replica, hlc, n, user, context, hub_seq) VALUES(?,?,?,?,?,?)"
    " ON CONFLICT(replica, hlc) DO UPDATE SET hub_seq = coalesce(excluded.hub_seq, hub_seq)"
)
_COLUMNS = "seq, replica, n, digest, chain, status, at_ms, payload, reason"
_PAYLOAD = 7


class Log:
    """Reads and writes of the tables ``log``, ``batches`` and ``heads``."""

    def __init__(self, database: Database, now_ms: Callable[[], int] = lambda: 0) -> None:
        self._database = database
        self._now_ms = now_ms
        self._known: dict[Stamp, Provenance | None] = {}
        self._reach: int | None = None
        self._learnt: list[Provenance] = []
        database.on_rollback(self._forget)

    def _forget(self) -> None:
        self._known.clear()
        self._learnt.clear()
        self._reach = None

    @property
    def reach(self) -> int:
        """The newest place in the hub's log that anything we know of has."""
        if self._reach is None:
            self.write_learnt()
            ((found,),) = self._database.query("SELECT coalesce(max(hub_seq), 0) FROM batches")
            self._reach = int(found)
        return self._reach

    def append(self, entry: Entry) -> None:
        """Add an entry; its (replica, n) must be new."""
        self.append_all([entry])

    def append_all(self, entries: Iterable[Entry]) -> None:
        """``append`` of several."""
        self._database.executemany(
            f"INSERT INTO log({_COLUMNS}) VALUES(?,?,?,?,?,?,?,?,?)",
            [
                (e.seq, e.replica, e.n, e.digest, e.chain, e.status, e.at_ms, e.payload, e.reason)
                for e in entries
            ],
        )

    def since(self, seq: int, limit: int) -> list[Entry]:
        """Entries after ``seq`` in order, at most ``limit``."""
        sql = f"SELECT {_COLUMNS} FROM log WHERE seq > ? ORDER BY seq LIMIT ?"
        return [self._entry(row) for row in self._database.query(sql, (seq, limit))]

    def of(self, replica: ReplicaId, n: int) -> Entry | None:
        """The entry of one batch."""
        sql = f"SELECT {_COLUMNS} FROM log WHERE replica = ? AND n = ?"
        rows = self._database.query(sql, (replica, n))
        return self._entry(rows[0]) if rows else None

    def naming(self, text: str) -> list[Entry]:
        """Entries whose batch has a text somewhere in it, in order; reads the whole log."""
        sql = f"SELECT {_COLUMNS} FROM log WHERE instr(payload, ?) ORDER BY seq"
        return [self._entry(row) for row in self._database.query(sql, (text.encode(),))]

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        """The entry in a row; ``DatabaseCorrupt`` if its payload is not what it was."""
        entry, payload = Entry(*row), row[_PAYLOAD]
        if not isinstance(payload, bytes) or digest_of(payload) != entry.digest:
            raise DatabaseCorrupt(f"{self._database.path}: a batch was altered on the disk.")
        return entry

    def newest_of(self, replica: ReplicaId, up_to: int, limit: int) -> list[Entry]:
        """The newest batches of one replica logged up to a seq, oldest first."""
        sql = f"SELECT {_COLUMNS} FROM log WHERE replica = ? AND seq <= ? ORDER BY n DESC LIMIT ?"
        rows = self._database.query(sql, (replica, up_to, limit))
        return [self._entry(row) for row in reversed(rows)]

    def with_status(self, statuses: tuple[Status, ...], limit: int = -1) -> list[Entry]:
        """Entries in any of these states, oldest first."""
        marks = ",".join("?" * len(statuses))
        sql = f"SELECT {_COLUMNS} FROM log WHERE status IN ({marks}) ORDER BY n LIMIT ?"
        return [self._entry(row) for row in self._database.query(sql, (*statuses, limit))]

    def count(self, statuses: tuple[Status, ...]) -> int:
        """How many entries are in any of these states."""
        sql = f"SELECT count(*) FROM log WHERE status IN ({','.join('?' * len(statuses))})"
        return int(self._database.peek(sql, statuses)[0][0])

    def mark(self, seq: int, status: Status, reason: str | None = None) -> None:
        """Change the state of one entry."""
        sql = "UPDATE log SET status = ?, reason = ?, marked_ms = ? WHERE seq = ?"
        self._database.execute(sql, (status, reason, self._now_ms(), seq))

    def marked_ms(self, seq: int) -> int | None:
        """When an entry came to its present state; None if that was its first."""
        rows = self._database.query("SELECT marked_ms FROM log WHERE seq = ?", (seq,))
        return rows[0][0] if rows else None

    def forget(self, seqs: list[int]) -> None:
        """Remove entries that never left this replica and are about to be written anew."""
        for seq in seqs:
            self._database.execute("DELETE FROM log WHERE seq = ?", (seq,))

    def newest_sound(self, hub_time_ms: int) -> int:
        """The newest reading that others may have and hub time does not rule out (C1): of what
        the hub logged, of what we hold from peers, and of what we may have sent."""
        highest = hlc_of_ms(hub_time_ms + CLOCK_DRIFT_MS_MAX)
        sql = "SELECT max(hlc) FROM batches WHERE hub_seq IS NOT NULL AND hlc <= ?"
        ((logged,),) = self._database.query(sql, (highest,))
        ((held,),) = self._database.query("SELECT max(hlc) FROM held WHERE hlc <= ?", (highest,))
        offered = [decode(e.payload).hlc for e in self.with_status(("offered", "sent"))]
        return max([logged or 0, held or 0, *(hlc for hlc in offered if hlc <= highest)])

    def end_epoch(self, epoch: str, seq: int) -> None:
        """Note that an epoch of this hub's log ended at ``seq`` (S1)."""
        self._database.execute(
            "INSERT OR IGNORE INTO epochs(epoch, ended) VALUES(?, ?)", (epoch, seq)
        )

    def shared(self, epoch: str, seq: int, present: str) -> int:
        """How much of the log up to ``seq`` of ``epoch`` this hub still has.

        A hub restored from a backup has forgotten what came after it. An epoch it has never heard
        of began after the backup, so what they share ends where the present epoch began.
        """
        if epoch == present or not epoch:
            return seq
        rows = self._database.query("SELECT ended FROM epochs WHERE epoch = ?", (epoch,))
        if not rows:
            rows = self._database.query("SELECT coalesce(max(ended), 0) FROM epochs")
            self.end_epoch(epoch, rows[0][0])
        return int(min(seq, rows[0][0]))

    def unlearn_after(self, seq: int) -> None:
        """Forget what the hub's log said after ``seq``: the hub itself has forgotten it."""
        self._database.execute("UPDATE batches SET hub_seq = NULL WHERE hub_seq > ?", (seq,))
        self._database.execute(
            "UPDATE batches SET context = json_set(context, '$[1]', ?)"
            " WHERE json_extract(context, '$[1]') > ?",
            (seq, seq),
        )
        self._forget()

    def chain_at(self, seq: int) -> str | None:
        """The running digest of the log at ``seq``; None where the log has no such entry."""
        if seq == 0:
            return NO_DIGEST
        rows = self._database.query("SELECT chain FROM log WHERE seq = ?", (seq,))
        return rows[0][0] if rows else None

    def head(self, replica: ReplicaId) -> tuple[int, str]:
        """(n, digest) of the newest batch held of a replica; (0, "") before the first (C8)."""
        return self.heads([replica])[replica]

    def heads(self, replicas: Iterable[ReplicaId]) -> dict[ReplicaId, tuple[int, str]]:
        """``head`` of several replicas."""
        heads = dict.fromkeys(replicas, (0, NO_DIGEST))
        sql = "SELECT replica, n, digest FROM json_each(?) JOIN heads ON replica = value"
        rows = self._database.query(sql, (json.dumps([*heads]),))
        return heads | {replica: (n, digest) for replica, n, digest in rows}

    def advance_heads(self, heads: Mapping[ReplicaId, tuple[int, str]]) -> None:
        """Move the chain heads of replicas on to batches that follow."""
        self._database.executemany(
            "INSERT INTO heads(replica, n, digest) VALUES(?,?,?)"
            " ON CONFLICT(replica) DO UPDATE SET n = excluded.n, digest = excluded.digest",
            [(replica, *head) for replica, head in heads.items()],
        )

    def note_origin(self, origin: Origin, *, accepted: bool) -> None:
        """A batch that once had this name is accepted, or refused."""
        self._database.execute(
            "INSERT INTO origins(replica, n, digest, accepted) VALUES(?,?,?,?)"
            " ON CONFLICT DO UPDATE SET accepted = max(accepted, excluded.accepted)",
            (*origin, accepted),
        )

    def has_taken(self, origin: Origin) -> bool:
        """Whether work of this first name is in the log, under this name or another."""
        replica, n, digest = origin
        named = self.of(replica, n)
        if named is not None and named.digest == digest:
            return named.status == "accepted"
        sql = "SELECT 1 FROM origins WHERE replica = ? AND n = ? AND digest = ? AND accepted"
        return bool(self._database.query(sql, origin))

    def noted_after(self, heads: Mapping[ReplicaId, tuple[int, str]]) -> set[Origin]:
        """First names of accepted work, after the newest batches held of some replicas."""
        sql = (
            "SELECT replica, n, digest FROM json_each(?) AS head CROSS JOIN origins"
            " ON replica = head.key AND n > head.value WHERE accepted"
        )
        newest = {replica: n for replica, (n, _) in heads.items()}
        return {*self._database.query(sql, (json.dumps(newest),))}

    def settled_from(self, replica: ReplicaId, n: int, up_to: int) -> list[int]:
        """Numbers from ``n`` on of a replica's batches that this hub has settled up to a seq, under
        their own name, or at all under a later one."""
        rows = self._database.query(
            "SELECT n FROM log WHERE replica = ?1 AND n >= ?2 AND seq <= ?3"
            " UNION SELECT n FROM origins WHERE replica = ?1 AND n >= ?2 ORDER BY n",
            (replica, n, up_to),
        )
        return [number for (number,) in rows]

    def is_logged(self, replica: ReplicaId, n: int) -> bool:
        """Whether the hub has said that its log holds this batch."""
        sql = "SELECT 1 FROM batches WHERE replica = ? AND n = ? AND hub_seq IS NOT NULL"
        return bool(self._database.query(sql, (replica, n)))

    def forgotten(self) -> list[Entry]:
        """Accepted own batches that the hub has not logged any more, oldest first: it was restored
        from a backup (see ``unlearn_after``)."""
        sql = "SELECT replica, n FROM batches WHERE hub_seq IS NOT NULL"
        logged = set(self._database.query(sql))
        return [e for e in self.with_status(("accepted",)) if (e.replica, e.n) not in logged]

    def is_broken_after(self, replica: ReplicaId, n: int) -> bool:
        """Whether refused or discarded batches of a replica come after number ``n``."""
        sql = "SELECT 1 FROM log WHERE replica = ? AND n > ? AND status IN ('rejected','discarded')"
        return bool(self._database.query(sql, (replica, n)))

    def learn(self, source: Provenance, *, of_hub: bool = False) -> None:
        """Remember where a batch comes from; a later call may add its place in the hub's log.

        ``of_hub``: the hub says so, whose word on what the writer knew replaces the writer's own.
        """
        word = ", context = excluded.context" if of_hub else ""
        self._database.run(f"{_LEARN}{word}", _columns(source))
        self._know(source)

    def learn_soon(self, source: Provenance) -> None:
        """``learn``, once ``write_learnt`` is called or this file asked for it."""
        self._learnt.append(source)
        self._know(source)

    def write_learnt(self) -> None:
        """Write what was to be learnt; part of a transaction."""
        if self._learnt:
            rows, self._learnt = [*map(_columns, self._learnt)], []
            self._database.executemany(_LEARN, rows)

    def _know(self, source: Provenance) -> None:
        self.remember(Stamp(source.hlc, source.replica), source)
        self.reached(source.hub_seq or 0)

    def reached(self, seq: int) -> None:
        """Something that we know of has this place in the hub's log."""
        if self._reach is not None and seq > self._reach:
            self._reach = seq

    def remember(self, stamp: Stamp, source: Provenance | None) -> None:
        """``learn``, for as long as this file is open."""
        if len(self._known) >= _CACHE_MAX:
            self._database.settle()  # what ``recent`` has is in no table until then
            self.write_learnt()
            self._known.clear()
        self._known[stamp] = source

    def unlearn(self, stamp: Stamp) -> None:
        """What was remembered did not come to be."""
        self._known.pop(stamp, None)

    def provenance(self, stamp: Stamp) -> Provenance | None:
        """Where a stamp comes from; None for batches older than anything we know."""
        if stamp in self._known:
            return self._known[stamp]
        sql = "SELECT n, user, context, hub_seq FROM batches WHERE replica = ? AND hlc = ?"
        rows = self._database.peek(sql, (stamp.replica, stamp.hlc))
        found = None
        if rows:
            n, user, context, hub_seq = rows[0]
            found = Provenance(
                replica=stamp.replica,
                n=n,
                hlc=stamp.hlc,
                user=UserId(user),
                context=self._context(context),
                hub_seq=hub_seq,
            )
        self.remember(stamp, found)
        return found

    def _context(self, text: str) -> Context:
        try:
            return context_of(self._database.parse(text))
        except MessageGarbage as error:
            raise DatabaseCorrupt(f"{self._database.path}: {error}") from error

    def logged_between(self, batch: Batch) -> list[Stamp]:
        """Stamps of earlier batches of its replica that the hub has logged, and that the position
        in the context of ``batch`` does not cover."""
        sql = "SELECT hlc FROM batches WHERE replica = ? AND hub_seq > ? AND n < ?"
        rows = self._database.query(sql, (batch.replica, batch.context.seq, batch.n))
        return [Stamp(hlc, batch.replica) for (hlc,) in rows]


def _columns(source: Provenance) -> tuple[Any, ...]:
    replica, n, hlc, user, (epoch, seq, beside), hub_seq = source
    context = compact([epoch, seq, [list(item) for item in beside]])
    return replica, hlc, n, user, context, hub_seq


def next_chain(chain: str, digest: str) -> str:
    """The running digest of a log after one more batch."""
    return digest_of(f"{chain}{digest}".encode())


def provenance_of(batch: Batch, hub_seq: int | None) -> Provenance:
    """What the conflict rule needs to know of a batch."""
    return Provenance(batch.replica, batch.n, batch.hlc, batch.user, batch.context, hub_seq)


HUB_USER = UserId("hub")
"""Author of what the hub itself writes, such as loaded data."""


def nothing_known() -> Context:
    """The context of a writer that has merged nothing."""
    return Context("", 0)
