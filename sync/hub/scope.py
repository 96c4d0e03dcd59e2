"""What of the hub's data one device may hold, as messages (S1, S4).

Everything is judged on the hub's present copy of a document: a delta goes out if the document is in
the scope now; a change of a field the scope looks at sends the whole document, or its retraction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sync.core.batch import Batch, Birth, Change, Delta
from sync.core.conflicts import Provenance
from sync.core.packing import stamps_in
from sync.core.stamps import Stamp
from sync.core.state import EXISTS, ROOT
from sync.hub.bounds import Bounds
from sync.ids import Collection, ReplicaId
from sync.local.documents import Row
from sync.local.oplog import provenance_of
from sync.local.replica import Replica
from sync.query.related import UNRELATED
from sync.wire.messages import Docs, PackedRow, Part

PAGE_BYTES_MAX = 4 * 1_048_576
"""Of documents in one message. One more document of the largest size, and every quote escaped
once more, still fit a frame."""


class Scope:
    """What lies within some bounds on the hub's replica."""

    def __init__(self, replica: Replica, bounds: Bounds) -> None:
        self._parts = replica.parts
        self.bounds = bounds

    def collections(self) -> list[Collection]:
        """Collections of which anything is in the scope, in a stable order."""
        held = set(self._parts.documents.collections)
        return sorted(name for name in self.bounds.collections if name in held)

    def count(self, collections: Iterable[Collection]) -> int:
        """How many visible documents of some collections are in the scope."""
        return sum(self._count(name) for name in collections)

    def _count(self, collection: Collection) -> int:
        documents, read = self._parts.documents, self.bounds.rights.read
        if collection not in self.bounds.collections:
            return 0
        if not self.bounds.judged and read[collection].is_everything:
            return documents.count(collection)
        found = documents.find(collection, read[collection].narrowed(UNRELATED))
        return sum(self.bounds.holds(collection, document) for document in found)

    def page(self, collection: Collection, after: str, limit: int) -> tuple[Docs | None, str]:
        """(documents of the next ``limit`` rows that are in the scope, last id read).

        Fewer rows where documents are large. An empty id ends the collection.
        """
        rows = self._parts.documents.page(collection, after, limit, PAGE_BYTES_MAX)
        inside = [(i, row) for i, row in rows if self.holds(collection, i, row)]
        last = rows[-1][0] if rows else ""
        return (self.docs(collection, inside) if inside else None), last

    def part(
        self, seq: int, chain: str, batch: Batch, moves_later: Callable[[Delta], bool]
    ) -> Part | None:
        """What of one logged batch is in the scope; None if nothing is.

        A document that is outside only because of what comes later in the log goes now: nothing is
        told of it any more, and whoever changes it has to know that they do not know (C5).
        """
        deltas: list[Delta] = []
        whole: dict[Collection, list[tuple[str, Row]]] = {}
        gone: list[tuple[Collection, str]] = []
        for collection, members in self._readable(batch.deltas).items():
            ids = [delta.doc_id for delta in members]
            rows = self._parts.documents.rows(collection, ids)
            for delta in members:
                row = rows.get(delta.doc_id)
                inside = row is not None and self.holds(collection, delta.doc_id, row)
                moves = self._may_enter(delta, row, seq)
                if inside:
                    deltas.append(delta)
                if row is not None and inside and moves:
                    whole.setdefault(collection, []).append((delta.doc_id, row))
                elif moves or (not inside and isinstance(delta, Change) and moves_later(delta)):
                    gone.append((collection, delta.doc_id))
        if not (deltas or whole or gone):
            return None
        return Part(
            seq=seq,
            chain=chain,
            source=self._parts.log.provenance(batch.stamp) or provenance_of(batch, seq),
            deltas=tuple(deltas),
            whole=tuple(self.docs(name, rows) for name, rows in whole.items()),
            gone=tuple(gone),
            origin=batch.origin,
        )

    def own(self, seq: int, chain: str, batch: Batch) -> Part | None:
        """What the device has to hear of its own batch, whose deltas it has already: documents that
        are not in the scope (any more), and those which the batch may have brought in."""
        gone: list[tuple[Collection, str]] = []
        whole: list[Docs] = []
        for delta in batch.deltas:
            row = self._parts.documents.rows(delta.collection, [delta.doc_id]).get(delta.doc_id)
            if row is None or not self.holds(delta.collection, delta.doc_id, row):
                gone.append((delta.collection, delta.doc_id))
            elif self._may_enter(delta, row, seq):
                whole.append(self.docs(delta.collection, [(delta.doc_id, row)]))
        source = self._parts.log.provenance(batch.stamp) or provenance_of(batch, seq)
        found = Part(seq, chain, source, (), tuple(whole), tuple(gone))
        return found if gone or whole else None

    def _readable(self, deltas: Iterable[Delta]) -> dict[Collection, list[Delta]]:
        groups: dict[Collection, list[Delta]] = {}
        for delta in deltas:
            if delta.collection in self.bounds.collections:
                groups.setdefault(delta.collection, []).append(delta)
        return groups

    def _may_enter(self, delta: Delta, row: Row | None, seq: int) -> bool:
        """Whether a logged delta may have moved its document in or out."""
        if isinstance(delta, Change) and self.moves(delta):
            return True
        return row is not None and self._renews(delta, seq, row)

    def _renews(self, delta: Delta, seq: int, row: Row) -> bool:
        """Whether a document is made at ``seq`` that had been there before, in whatever scope."""
        if not isinstance(delta, Birth):
            return EXISTS in delta.changes
        stamps = (Stamp(h, self._parts.documents.replica_of(s)) for h, s in stamps_in(row.meta))
        sources = (self._parts.log.provenance(stamp) for stamp in stamps)
        return any(source is None or (source.hub_seq or 0) < seq for source in sources)

    def moves(self, delta: Delta) -> bool:
        """Whether a change touches a field that decides about the scope."""
        fields = self.bounds.paths(delta.collection)
        return any(
            key != ROOT and any(key[: len(f)] == f or f[: len(key)] == key for f in fields)
            for key, _ in delta.ops()
        )

    def holds(self, collection: Collection, doc_id: str, row: Row) -> bool:
        """Whether a document is in the scope, a delete ignored (S3)."""
        fields = row.undeleted
        return fields is not None and self.bounds.holds(collection, {"_id": doc_id, **fields})

    def docs(self, collection: Collection, rows: list[tuple[str, Row]]) -> Docs:
        """Whole documents as a message."""
        stamps = {stamp for _, row in rows for stamp in stamps_in(row.meta)}
        sites: dict[int, ReplicaId] = {
            site: self._parts.documents.replica_of(site) for _, site in stamps
        }
        found = (self._parts.log.provenance(Stamp(hlc, sites[site])) for hlc, site in stamps)
        sources: list[Provenance] = [source for source in found if source is not None]
        return Docs(
            collection=collection,
            sites=sites,
            sources=tuple(sources),
            rows=tuple(PackedRow(i, row.body, row.meta, row.ghost) for i, row in rows),
        )
