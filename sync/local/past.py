"""What a log says of one document: every batch that touched it, in the order of the log."""

from __future__ import annotations

from dataclasses import dataclass

from sync.core.batch import Batch, Delta
from sync.core.decode import decode
from sync.core.values import canonical
from sync.local.entries import Entry
from sync.local.parts import Parts


@dataclass(frozen=True, slots=True)
class Touched:
    """One batch of the log and what it does to the document."""

    entry: Entry
    batch: Batch
    delta: Delta


def past_of(parts: Parts, collection: str, doc_id: str) -> list[Touched]:
    """Every batch of the log that touches a document, refused ones included, oldest first.

    The log has no index by document, so this reads all of it: a moment for a question that a person
    asks, too long for one that a program asks all the time.
    """
    return [
        Touched(entry, batch, delta)
        for entry in parts.log.naming(canonical(doc_id))
        for batch in [decode(entry.payload)]
        for delta in batch.deltas
        if (delta.collection, delta.doc_id) == (collection, doc_id)
    ]
