"""What of the hub's data one device may hold, as messages (S1, S4).

Everything is judged on the hub's present copy of a document: a delta goes out if the document is in
the scope now; a change of a field the scope looks at sends the whole document, or its retraction.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.core.batch import Batch, Birth, Delta
from sync.core.conflicts import Provenance
from sync.core.packing import stamps_in
from sync.core.stamps import Stamp
from sync.core.state import EXISTS, ROOT
from sync.hub.permissions import Access
from sync.ids import Collection, ReplicaId
from sync.local.documents import Row
from sync.local.oplog import provenance_of
from sync.local.replica import Replica
from sync.wire.messages import Docs, PackedRow, Part

PAGE_BYTES_MAX = 4 * 1_048_576
"""Of documents in one message. One more document of the largest size, and every quote escaped
once more, still fit a frame."""


class Scope:
    """The view of one identity on the hub's replica."""

    def __init__(self, replica: Replica, rights: Access) -> None:
        self._parts = replica.parts
        self._rights = rights

    def collections(self) -> list[Collection]:
        """Collections of which anything may be read, in a stable order."""
        held = set(self._parts.documents.collections)
        return sorted(name for name in self._rights.read if name in held)

    def count(self) -> int:
        """How many visible documents are in the scope."""
        counts = (
            self._parts.documents.count(name, self._rights.read[name])
            for name in self.collections()
        )
        return sum(counts)

    def page(self, collection: Collection, after: str, limit: int) -> tuple[Docs | None, str]:
        """(documents of the next ``limit`` rows that are in the scope, last id read).

        Fewer rows where documents are large. An empty id ends the collection.
        """
        rows = self._parts.documents.page(collection, after, limit, PAGE_BYTES_MAX)
        inside = [(i, row) for i, row in rows if self._holds(collection, i, row)]
        last = rows[-1][0] if rows else ""
        return (self._docs(collection, inside) if inside else None), last

    def part(self, seq: int, chain: str, batch: Batch) -> Part | None:
        """What of one logged batch is in the scope; None if nothing is."""
        deltas: list[Delta] = []
        whole: dict[Collection, list[tuple[str, Row]]] = {}
        gone: list[tuple[Collection, str]] = []
        for collection, members in self._readable(batch.deltas).items():
            ids = [delta.doc_id for delta in members]
            rows = self._parts.documents.rows(collection, ids)
            for delta in members:
                row = rows.get(delta.doc_id)
                inside = row is not None and self._holds(collection, delta.doc_id, row)
                moves = not isinstance(delta, Birth) and self._moves(delta)
                if inside:
                    deltas.append(delta)
                if row is not None and inside and (moves or self._renews(delta, seq, row)):
                    whole.setdefault(collection, []).append((delta.doc_id, row))
                elif moves:
                    gone.append((collection, delta.doc_id))
        if not (deltas or whole or gone):
            return None
        return Part(
            seq=seq,
            chain=chain,
            source=self._parts.log.provenance(batch.stamp) or provenance_of(batch, seq),
            deltas=tuple(deltas),
            whole=tuple(self._docs(name, rows) for name, rows in whole.items()),
            gone=tuple(gone),
            origin=batch.origin,
        )

    def outside(self, seq: int, chain: str, batch: Batch) -> Part | None:
        """Which documents of the device's own batch it may not hold (any more); None if it may
        hold them all. Its own deltas it has already."""
        gone: list[tuple[Collection, str]] = []
        for delta in batch.deltas:
            row = self._parts.documents.rows(delta.collection, [delta.doc_id]).get(delta.doc_id)
            if row is None or not self._holds(delta.collection, delta.doc_id, row):
                gone.append((delta.collection, delta.doc_id))
        source = self._parts.log.provenance(batch.stamp) or provenance_of(batch, seq)
        return Part(seq, chain, source, (), (), tuple(gone)) if gone else None

    def _readable(self, deltas: Iterable[Delta]) -> dict[Collection, list[Delta]]:
        groups: dict[Collection, list[Delta]] = {}
        for delta in deltas:
            if delta.collection in self._rights.read:
                groups.setdefault(delta.collection, []).append(delta)
        return groups

    def _moves(self, delta: Delta) -> bool:
        """Whether a change touches a field that decides about the scope."""
        fields = self._rights.scope_fields(delta.collection)
        return any(
            key != ROOT and any(key[: len(f)] == f or f[: len(key)] == key for f in fields)
            for key, _ in delta.ops()
        )

    def _renews(self, delta: Delta, seq: int, row: Row) -> bool:
        """Whether a document is made at ``seq`` that had been there before, in whatever scope."""
        if not isinstance(delta, Birth):
            return EXISTS in delta.changes
        stamps = (Stamp(h, self._parts.documents.replica_of(s)) for h, s in stamps_in(row.meta))
        sources = (self._parts.log.provenance(stamp) for stamp in stamps)
        return any(source is None or (source.hub_seq or 0) < seq for source in sources)

    def _holds(self, collection: Collection, doc_id: str, row: Row) -> bool:
        fields = row.undeleted
        return fields is not None and self._rights.may_read({"_id": doc_id, **fields}, collection)

    def _docs(self, collection: Collection, rows: list[tuple[str, Row]]) -> Docs:
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
