"""What of the hub's data one device may hold, as messages (S1, S4).

Everything is judged on the hub's present copy of a document: a delta goes out if the document is in
the scope now; a change of a field the scope looks at sends the whole document, or its retraction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sync.core.batch import Batch, Birth, Change, Delta
from sync.core.conflicts import Provenance
from sync.core.packing import stamps_in
from sync.core.stamps import Stamp
from sync.hub.bounds import Bounds
from sync.hub.present import Present
from sync.hub.ripples import Name, renews, touches
from sync.ids import Collection, DocId, Document, ReplicaId
from sync.local.documents import Row
from sync.local.oplog import provenance_of
from sync.local.replica import Replica
from sync.query.selection import both
from sync.wire.messages import Docs, Part

PAGE_BYTES_MAX = 4 * 1_048_576
"""Of documents in one message. One more document of the largest size, and every quote escaped
once more, still fit a frame."""


class Scope:
    """What lies within some bounds on the hub's replica."""

    def __init__(self, replica: Replica, bounds: Bounds) -> None:
        self._parts = replica.parts
        self._related = replica.parts.related
        self.bounds = bounds

    def collections(self) -> list[Collection]:
        """Collections of which anything is in the scope, in a stable order."""
        held = set(self._parts.documents.collections)
        return sorted(name for name in self.bounds.collections if name in held)

    def count(self, collections: Iterable[Collection]) -> int:
        """How many visible documents of some collections are in the scope."""
        return sum(self._count(name) for name in collections)

    def _count(self, collection: Collection) -> int:
        if collection not in self.bounds.collections:
            return 0
        reading = self.bounds.rights.read[collection]
        asked = self.bounds.selections.get(collection, ())
        if self.bounds.is_all or len(asked) == 1:
            line = both(reading, *asked) if asked else reading
            if line.is_everything:
                return self._parts.documents.count(collection)
            if line.is_plain:
                size = self._related.lookups.size(collection, line.narrowed(self._related))
                if size is not None:
                    return size[0]
        found = self._related.lookups.found(collection, reading.narrowed(self._related))
        return sum(self.bounds.holds(collection, each, self._related) for each in found)

    def page(self, collection: Collection, after: str, limit: int) -> tuple[Docs | None, str]:
        """(documents of the next ``limit`` rows that are in the scope, last id read).

        Fewer rows where documents are large. An empty id ends the collection.
        """
        rows = self._parts.documents.page(collection, after, limit, PAGE_BYTES_MAX)
        inside = [(i, row) for i, row in rows if self.holds(collection, i, row)]
        last = rows[-1][0] if rows else ""
        return (self.docs(collection, inside) if inside else None), last

    def part(
        self,
        seq: int,
        chain: str,
        batch: Batch,
        is_later: Callable[[Name, int], bool],
        by_others: Sequence[Name],
        present: Present,
    ) -> Part | None:
        """What of one logged batch is in the scope; None if nothing is. ``by_others`` are documents
        that it may have moved without touching them; ``is_later`` says whether something after a
        seq may have moved one; ``present`` is of this scope.

        A document that is outside only because of what comes later in the log goes now: nothing is
        told of it any more, and whoever changes it has to know that they do not know (C5).
        """
        deltas: list[Delta] = []
        whole: dict[Collection, list[tuple[str, Row]]] = {}
        gone: list[tuple[Collection, str]] = []
        for delta in batch.deltas:
            collection = delta.collection
            if collection not in self.bounds.collections:
                continue
            name = (collection, delta.doc_id)
            inside = present.holds(*name)
            if inside:
                deltas.append(delta)
            row = present.row(*name)
            moves = self._may_enter(delta, row, seq)
            if row is not None and inside and moves:
                whole.setdefault(collection, []).append((delta.doc_id, row))
            elif moves or (not inside and isinstance(delta, Change) and is_later(name, seq)):
                gone.append(name)
        self._add_moved(by_others, batch, seq, whole, gone, present)
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

    def own(
        self, seq: int, chain: str, batch: Batch, by_others: Sequence[Name], present: Present
    ) -> Part | None:
        """What the device has to hear of its own batch, whose deltas it has already: documents that
        are not in the scope (any more), and those which the batch may have brought in."""
        gone: list[tuple[Collection, str]] = []
        whole: dict[Collection, list[tuple[str, Row]]] = {}
        for delta in batch.deltas:
            row = present.row(delta.collection, delta.doc_id)
            if row is None or not present.holds(delta.collection, delta.doc_id):
                gone.append((delta.collection, delta.doc_id))
            elif self._may_enter(delta, row, seq):
                whole.setdefault(delta.collection, []).append((delta.doc_id, row))
        self._add_moved(by_others, batch, seq, whole, gone, present)
        if not (gone or whole):
            return None
        source = self._parts.log.provenance(batch.stamp) or provenance_of(batch, seq)
        docs = tuple(self.docs(name, rows) for name, rows in whole.items())
        return Part(seq, chain, source, (), docs, tuple(gone))

    def _add_moved(
        self,
        names: Sequence[Name],
        batch: Batch,
        seq: int,
        whole: dict[Collection, list[tuple[str, Row]]],
        gone: list[tuple[Collection, str]],
        present: Present,
    ) -> None:
        """Add the documents a batch may have moved without touching them: those inside whole, the
        others as gone. One that it has made for the first time is told by its delta."""
        if not names:
            return
        told = {*gone, *((name, doc_id) for name, rows in whole.items() for doc_id, _ in rows)}
        made = {(d.collection, d.doc_id): d for d in batch.deltas if isinstance(d, Birth)}
        for name, doc_id in names:
            collection = Collection(name)
            row = present.row(collection, doc_id)
            if row is None or (collection, doc_id) in told:
                continue
            birth = made.get((collection, DocId(doc_id)))
            if birth is not None and not renews(self._parts, birth, seq, row):
                continue
            if present.holds(collection, doc_id):
                whole.setdefault(collection, []).append((doc_id, row))
            else:
                gone.append((collection, doc_id))

    def _may_enter(self, delta: Delta, row: Row | None, seq: int) -> bool:
        """Whether a logged delta may have moved its document in or out."""
        if isinstance(delta, Change) and self.moves(delta):
            return True
        return row is not None and renews(self._parts, delta, seq, row)

    def moves(self, delta: Delta) -> bool:
        """Whether a change touches a field that decides about the scope."""
        return touches(delta, self.bounds.paths(delta.collection))

    def holds(self, collection: Collection, doc_id: str, row: Row) -> bool:
        """Whether a document is in the scope, a delete ignored (S3)."""
        if self.bounds.has_all_of(collection):  # nobody has to look at it
            return row.body is not None or row.ghost is not None
        fields = row.undeleted
        return fields is not None and self.selects(collection, {"_id": doc_id, **fields})

    def selects(self, collection: Collection, document: Document) -> bool:
        """Whether a document, with its ``_id``, is in the scope."""
        return self.bounds.holds(collection, document, self._related)

    def docs(self, collection: Collection, rows: list[tuple[str, Row]]) -> Docs:
        """Whole documents as a message."""
        metas = dict.fromkeys(row.meta for _, row in rows)  # in the same order in every process
        stamps = {stamp for meta in metas for stamp in stamps_in(meta)}
        sites: dict[int, ReplicaId] = {
            site: self._parts.documents.replica_of(site) for _, site in stamps
        }
        found = (self._parts.log.provenance(Stamp(hlc, sites[site])) for hlc, site in stamps)
        sources: list[Provenance] = [source for source in found if source is not None]
        return Docs(
            collection=collection,
            sites=sites,
            sources=tuple(sources),
            ids=tuple([doc_id for doc_id, _ in rows]),
            bodies=tuple([row.body for _, row in rows]),
            metas=tuple([row.meta for _, row in rows]),
            ghosts=tuple([row.ghost for _, row in rows]),
        )
