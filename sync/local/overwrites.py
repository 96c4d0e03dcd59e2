"""Changes of a part that only set fields, merged for many documents at a time.

Nearly all of a large part. What ``inbox`` does for any delta is done here column by column, as far
as nothing stands in the way; a law holds both to the same outcome.
"""

from __future__ import annotations

from sync.core.batch import Batch, Change, Delta
from sync.local.held import Held, Traces
from sync.local.merging import Applied
from sync.local.parts import Parts
from sync.local.received import Received
from sync.wire.messages import Part


class Overwrites:
    """Merges such changes. Called by the inbox, inside its transaction."""

    def __init__(self, parts: Parts, held: Held) -> None:
        self._parts = parts
        self._held = held

    def merge(self, batch: Batch, part: Part, traces: Traces, received: Received) -> list[Delta]:
        """Merge what can be merged so; the other deltas of the part."""
        if self._parts.merging.history.reach > part.seq:  # a row may be newer than this part
            return [*part.deltas]
        left: list[Delta] = []
        groups: dict[str, dict[str, Change]] = {}
        for delta in part.deltas:
            if isinstance(delta, Change):
                groups.setdefault(delta.collection, {})[delta.doc_id] = delta
            else:
                left.append(delta)
        for collection, changes in groups.items():
            if traces.pending:
                left += [changes.pop(each) for each in self._waiting(collection) & changes.keys()]
            if traces.evicted:
                self._held.enter([(collection, doc_id) for doc_id in changes])
            applied, rest = self._merge(batch, collection, changes)
            left += [changes[doc_id] for doc_id in rest]
            received.documents += len(changes) - len(rest)
            received.take(applied)
        return left

    def _merge(
        self, batch: Batch, collection: str, changes: dict[str, Change]
    ) -> tuple[Applied, list[str]]:
        """Merge changes by id, those of documents that are not held left out; and the ids of those
        that cannot be merged so."""
        documents, history = self._parts.documents, self._parts.merging.history
        seq = self._parts.identity.seq
        losses, rows = history.losses(), documents.stored(collection, changes)
        quick = self._parts.merging.overwriting(batch, losses)
        moved = quick.over(collection, rows, changes)
        changed: dict[str, set[str]] = {}
        if moved.ids:
            documents.overwrite_all(collection, seq, moved)
            changed[collection] = {*moved.ids}
        return Applied(changed, history.keep(seq, losses)), moved.rest

    def _waiting(self, collection: str) -> set[str]:
        """Ids of the documents of a collection that own work waits on."""
        sql = "SELECT id FROM confirmed WHERE collection = ?"
        return {doc_id for (doc_id,) in self._parts.database.query(sql, (collection,))}
