"""One commit of the hub, which may hold many pushes: what they touch is read together, and what
they leave behind is written together.

A statement costs more than the one row that most batches have for it. So rows are kept here as they
are by now, and the log's entries with them, until the end, or until somebody asks the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.core.batch import Batch, Origin
from sync.core.conflicts import Provenance
from sync.ids import ReplicaId
from sync.local.documents import Row
from sync.local.entries import Entry
from sync.local.parts import Parts

ROWS_MAX = 2_000
"""Documents kept at once, some hundred kilobytes; where there are more, those before them are
written, and read again if need be."""


class Commit:
    """One that is under way; ``merging.Rows``. Belongs to who holds the lock and the open
    transaction."""

    def __init__(self, parts: Parts, replicas: Iterable[ReplicaId]) -> None:
        """Of pushes of some replicas."""
        self._parts = parts
        self.heads = parts.log.heads(replicas)
        """Newest batch of each of them: (n, digest)."""
        self._before = dict(self.heads)
        self._noted = parts.log.noted_after(self.heads)
        self._rows: dict[str, dict[str, Row | None]] = {}
        self._unsaved: dict[str, dict[str, tuple[int, Row]]] = {}
        self._kept = 0
        self._entries: list[Entry] = []

    def look_ahead(self, batches: Sequence[Batch]) -> None:
        """Read the rows that these will ask for, unless they are too many."""
        wanted: dict[str, set[str]] = {}
        for batch in batches:
            if len(batch.deltas) > ROWS_MAX:
                return
            for delta in batch.deltas:
                wanted.setdefault(delta.collection, set()).add(delta.doc_id)
        if sum(map(len, wanted.values())) <= ROWS_MAX:
            for collection, ids in wanted.items():
                self.rows(collection, [*ids])

    def rows(self, collection: str, ids: Sequence[str]) -> dict[str, Row]:
        """The rows of some ids by now; ids without a row are absent."""
        known = self._rows.setdefault(collection, {})
        new = [doc_id for doc_id in ids if doc_id not in known]
        if new:
            self._make_room(len(new))
            known = self._rows.setdefault(collection, {})
            new = [doc_id for doc_id in ids if doc_id not in known]
            found = self._parts.documents.rows(collection, new)
            known.update([(doc_id, found.get(doc_id)) for doc_id in new])
            self._kept += len(new)
        return {doc_id: row for doc_id in ids if (row := known[doc_id]) is not None}

    def save(self, collection: str, seq: int, rows: Sequence[tuple[str, Row]]) -> None:
        """Write rows at commit ``seq``."""
        self._parts.documents.tell(collection, [doc_id for doc_id, _ in rows])
        known = self._rows.setdefault(collection, {})  # making room may have forgotten it
        unsaved = self._unsaved.setdefault(collection, {})
        for doc_id, row in rows:
            known[doc_id] = row
            unsaved[doc_id] = (seq, row)

    def log(self, entry: Entry, source: Provenance | None, origin: Origin | None) -> None:
        """Add an entry; ``source`` is where its ops come from, None where they do not count."""
        self._entries.append(entry)
        if origin is not None:
            self._parts.log.note_origin(origin, accepted=source is not None)
            if source is not None:
                self._noted.add(origin)
        if source is not None:
            self._parts.log.learn_soon(source)

    def has_taken(self, batch: Batch, digest: str) -> bool:
        """Whether the next batch of a replica is in the log, under another name then."""
        if batch.origin is None:
            return (batch.replica, batch.n, digest) in self._noted
        self.settle()
        return self._parts.log.has_taken(batch.origin)

    def entry(self, replica: ReplicaId, n: int) -> Entry | None:
        """The entry of a batch that has been taken."""
        self.settle()
        return self._parts.log.of(replica, n)

    def settle(self) -> None:
        """Write what is not written yet, because somebody is about to ask the tables."""
        parts, entries, unsaved = self._parts, self._entries, self._unsaved
        self._entries, self._unsaved = [], {}
        if entries:
            parts.log.append_all(entries)
        parts.log.write_learnt()
        for collection, rows in unsaved.items():
            parts.documents.write(collection, [(i, *rows[i]) for i in sorted(rows)])

    def end(self) -> None:
        """Write everything."""
        self.settle()
        moved = {each: head for each, head in self.heads.items() if head != self._before[each]}
        self._parts.log.advance_heads(moved)
        self._parts.identity.save()

    def _make_room(self, count: int) -> None:
        if self._kept + count > ROWS_MAX and self._kept:
            self.settle()
            self._rows, self._kept = {}, 0
