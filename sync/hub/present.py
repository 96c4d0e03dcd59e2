"""Documents as they are now, and whether they are in a scope; each looked at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync.core.batch import Batch
from sync.ids import Collection
from sync.local.documents import Row

if TYPE_CHECKING:
    from sync.hub.scope import Scope

_Name = tuple[str, str]


class Present:
    """Holds for as long as nobody commits: whoever has one holds the lock of the database."""

    def __init__(self, scope: Scope, batches: Iterable[Batch] = ()) -> None:
        """The documents that ``batches`` touch are read at once."""
        self._scope = scope
        self._rows: dict[_Name, Row | None] = {}
        self._inside: dict[_Name, bool] = {}
        ids: dict[Collection, dict[str, None]] = {}
        for batch in batches:
            for delta in batch.deltas:
                if delta.collection in scope.bounds.collections:
                    ids.setdefault(delta.collection, {})[delta.doc_id] = None
        for collection, wanted in ids.items():
            found = scope.rows(collection, list(wanted))
            self._rows.update(((collection, each), found.get(each)) for each in wanted)

    def row(self, collection: Collection, doc_id: str) -> Row | None:
        """The row of a document, if it has one."""
        name = (collection, doc_id)
        if name not in self._rows:
            self._rows[name] = self._scope.rows(collection, [doc_id]).get(doc_id)
        return self._rows[name]

    def holds(self, collection: Collection, doc_id: str) -> bool:
        """Whether a document is in the scope, a delete ignored (S3)."""
        name = (collection, doc_id)
        if name not in self._inside:
            row = self.row(collection, doc_id)
            inside = row is not None and self._scope.holds(collection, doc_id, row)
            self._inside[name] = inside
        return self._inside[name]
