"""What a transaction does to this file alone and sends nobody: INITIAL documents, and EVICT."""

from __future__ import annotations

import json

from sync.core.stamps import Stamp
from sync.core.state import leaves_at, leaves_of
from sync.core.values import check_value
from sync.ids import NIL_REPLICA, Document
from sync.local.documents import Row
from sync.local.held import note_evicted
from sync.local.merging import Planned
from sync.local.parts import Parts

BEGINNING = Stamp(0, NIL_REPLICA)
"""Older than every other write, and the same on every replica (C2)."""


class Apart:
    """Collects them until the transaction is committed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seeds: dict[tuple[str, str], Planned] = {}
        self._evicted: dict[tuple[str, str], None] = {}

    def copy(self) -> Apart:
        """The same once more, to go back to."""
        other = Apart(self._parts)
        other._seeds, other._evicted = dict(self._seeds), dict(self._evicted)
        return other

    def seed(self, collection: str, doc_id: str, fields: Document, held: Row | None) -> Row | None:
        """Note an INITIAL document; the row it makes, None if what is there beats all of it.

        It travels to nobody: a batch has one stamp, later than this, and whoever wants the
        document makes it by the same statement. What is changed on it later travels."""
        check_value(fields)
        leaves = leaves_at(BEGINNING, leaves_of(fields))
        plan = self._parts.merging.merge_leaves(collection, doc_id, held, leaves, BEGINNING)
        if plan.row is not None and plan.row.body is not None:
            self._seeds[collection, doc_id] = plan
        return plan.row

    def evict(self, collection: str, doc_id: str) -> bool:
        """Note a document to forget; False if own work waits on it, which would have no document
        to go back to."""
        if self._parts.merging.confirmed(collection, [doc_id]):
            return False
        self._seeds.pop((collection, doc_id), None)
        self._evicted[collection, doc_id] = None
        return True

    def refreshed(self, collection: str, doc_id: str, row: Row | None) -> Row | None:
        """The row that is there by now, as this transaction sees it."""
        key = (collection, doc_id)
        plan = self._seeds.pop(key, None)
        if plan is not None and plan.row is not None and plan.row.body is not None:
            seeded = self.seed(collection, doc_id, json.loads(plan.row.body), row)
            return row if seeded is None else seeded
        if key in self._evicted:
            if self._parts.merging.confirmed(collection, [doc_id]):
                del self._evicted[key]
                return row
            return None
        return row

    def commit(self) -> dict[str, set[str]]:
        """Carry both out at a seq of their own; changed ids by collection."""
        if not self._seeds and not self._evicted:
            return {}
        identity = self._parts.identity
        identity.seq += 1
        for collection, doc_id in self._evicted:
            if self._parts.documents.rows(collection, [doc_id]):
                note_evicted(self._parts, collection, doc_id, here=True)
            self._parts.documents.drop(collection, doc_id)
        self._parts.merging.apply(identity.seq, list(self._seeds.values()), judge=False)
        identity.save()
        changed: dict[str, set[str]] = {}
        for collection, doc_id in (*self._evicted, *self._seeds):
            changed.setdefault(collection, set()).add(doc_id)
        return changed
