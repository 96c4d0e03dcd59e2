"""What peers may hold and write, by rights that somebody else decides (S3, S4).

The table of rights stands above this layer, so it comes in as a function of an identity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from sync.core.batch import Batch, Change, Delta
from sync.core.state import ROOT
from sync.ids import Document
from sync.local.documents import Row
from sync.local.merging import Planned
from sync.peer.identity import Identity


class Rights(Protocol):
    """What one person may do with one document."""

    def may_read(self, document: Document, collection: str) -> bool:
        """Whether they may hold this document."""
        ...

    def judge_write(self, collection: str, before: Document | None, after: Document | None) -> None:
        """Raise ``PermissionDenied`` unless they may make this of that; None: no document."""
        ...


RightsOf: TypeAlias = Callable[[Identity], Rights]


def judge_writes(rights: Rights, batch: Batch, planned: Iterable[Planned]) -> None:
    """Raise ``PermissionDenied`` unless the author may do all of this on our copy (S3)."""
    removed = {(d.collection, d.doc_id) for d in batch.deltas if _removes(d)}
    for item in planned:
        before, after = fields_of(item.doc_id, item.held), fields_of(item.doc_id, item.after)
        if (item.collection, item.doc_id) in removed:
            rights.judge_write(item.collection, before, None)
        rights.judge_write(item.collection, before, after)


def fields_of(doc_id: str, row: Row | None) -> Document | None:
    """The fields a row shows, or showed before it was deleted (S3), with the id."""
    fields = None if row is None else row.undeleted
    return None if fields is None else {"_id": doc_id, **fields}


def _removes(delta: Delta) -> bool:
    """Whether a delta deletes its document, even if newer fields of somebody else revive it."""
    return isinstance(delta, Change) and ROOT in delta.changes
