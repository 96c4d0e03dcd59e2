"""The newest small commits: kept in memory and in the journal, until somebody looks at the file.

A commit of SQLite costs what the pages cost that it writes, and a small part of the log changes
three: its document, ``batches`` and ``identity``. So it is written into the journal instead, and
its document is remembered. Before any statement that could notice, ``Database`` has all of them
written at once, sorted, many to a page; opening does it with what a killed process has left.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sync.core.batch import Context
from sync.core.overwriting import Stored
from sync.core.text import compact, packed, parse
from sync.errors import DatabaseUnwritable, StorageError
from sync.local.database import Database
from sync.local.identity import Identity
from sync.wire.messages import Part


class Small(NamedTuple):
    """One small commit: what it makes of ``identity``, ``batches`` and one document. ``before`` is
    the cursor's chain before it, ``meta`` sealed, ``body`` None where it changed no document."""

    before: str
    seq: int
    clock: int
    known: int
    chain: str
    replica: str
    hlc: int
    n: int
    user: str
    context: str
    hub_seq: int
    collection: str
    doc_id: str
    body: str | None
    meta: str


_small: Callable[[tuple[Any, ...]], Small] = partial(tuple.__new__, Small)
"""``Small`` without the Python call that makes a named tuple."""


def _fields(names: str) -> Callable[[Small], tuple[Any, ...]]:
    return itemgetter(*map(Small._fields.index, names.split()))


_SOURCE: Final = _fields("replica hlc n user context hub_seq")
_KNOW: Final = (
    "INSERT INTO batches(replica, hlc, n, user, context, hub_seq) VALUES(?,?,?,?,?,?)"
    " ON CONFLICT(replica, hlc) DO UPDATE SET"
    " hub_seq = excluded.hub_seq, context = excluded.context"
)
_ROW: Final = _fields("body meta seq doc_id")
_POSITION: Final = _fields("seq clock known hub_seq chain")
_READ_TO: Final = "UPDATE identity SET seq = ?, hlc = ?, known = ?, cursor = ?, cursor_chain = ?"


class Recent:
    """Small commits that are not in the tables yet. Called under the lock of the database."""

    def __init__(self, database: Database, identity: Identity) -> None:
        self._database = database
        self._identity = identity
        self._commits: list[Small] = []
        self._documents: dict[tuple[str, str], Small] = {}
        self._epoch, self._start = "", '[""'
        self.asked = -1
        """What ``Database.asked`` was after the last small commit: more may follow it here, as long
        as nobody looks."""
        self._replay()

    def _replay(self) -> None:
        """Bring in what a killed process has left. Where the disk has no room for that, this is an
        earlier state: the hub sends again what came after it."""
        seq, chain = self._identity.seq, self._identity.cursor_chain
        for text in self._database.journal.records():
            fields = parse(text)
            if fields[:2] != [chain, seq + 1]:
                break  # it is of another time
            commit = Small(*fields)
            self._take(commit)
            seq, chain = commit.seq, commit.chain
        if self._commits:
            with suppress(DatabaseUnwritable), self._database.transaction():
                self.write()
            self.written()
            self._identity.load()

    @property
    def count(self) -> int:
        """How many wait."""
        return len(self._commits)

    def may_follow(self) -> None:
        """A small commit is done."""
        self.asked = self._database.asked

    def of(self, collection: str, doc_id: str) -> Stored | None:
        """The row of a document that was changed by a commit here, as it will lie in the file."""
        commit = self._documents.get((collection, doc_id))
        return None if commit is None else (doc_id, commit.body, commit.meta, None, 0)

    def add(self, part: Part, collection: str, doc_id: str, body: str | None, meta: str) -> bool:
        """Commit a part that leaves its document with this body and sealed meta, or, without a
        body, as it is. False, with nothing done, if that cannot be kept here."""
        identity, (replica, n, hlc, user, context, _) = self._identity, part.source
        before, seq, chain = identity.cursor_chain, identity.seq + 1, part.chain
        clock = hlc if hlc > identity.clock.last else identity.clock.last
        known = part.seq if part.seq > identity.known else identity.known
        knew = self._text(context)
        written = (before, seq, clock, known, chain, replica, hlc, n, user, knew, part.seq)
        commit = (*written, collection, doc_id, body, meta)
        if not self._database.keep(packed(commit), self):
            return False
        self._take(_small(commit))
        self.asked = self._database.asked
        identity.seq, identity.clock.last, identity.known = seq, clock, known
        identity.cursor, identity.cursor_chain = part.seq, chain
        return True

    def _text(self, context: Context) -> str:
        """A context as ``batches`` has it. Nearly all that come in a row have one epoch."""
        epoch, seq, beside = context
        if beside:
            return compact([epoch, seq, [list(item) for item in beside]])
        if epoch != self._epoch:
            self._epoch, self._start = epoch, compact([epoch])[:-1]
        return f"{self._start},{seq},[]]"

    def close(self) -> None:
        """Put everything in place; what the disk does not take waits for the next opening."""
        with suppress(StorageError, OSError):
            self._database.settle()
            self._database.journal.remove()

    def _take(self, commit: Small) -> None:
        self._commits.append(commit)
        if commit.body is not None:
            self._documents[commit.collection, commit.doc_id] = commit

    def write(self) -> None:
        """Bring all of them into the tables; part of a transaction."""
        database = self._database
        for collection, rows in self._rows().items():
            database.executemany(
                f'UPDATE "c_{collection}" SET body = ?, meta = ?, seq = ? WHERE id = ?', rows
            )
        database.executemany(_KNOW, map(_SOURCE, self._commits))
        database.run(_READ_TO, _POSITION(self._commits[-1]))

    def written(self) -> None:
        """They are there."""
        self._commits.clear()
        self._documents.clear()

    def _rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Documents by collection, in the order of the file."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        for (collection, _), commit in sorted(self._documents.items()):
            found.setdefault(collection, []).append(_ROW(commit))
        return found
