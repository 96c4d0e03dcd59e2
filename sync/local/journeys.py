"""How far a record has come, from what this device's own file says (see ``sync.explain.journey``).

Of its own changes a device knows everything up to the hub's verdict; of those of others, which its
documents still show, who made them and where the hub's log has them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sync.core.batch import Batch
from sync.core.packing import stamps_in
from sync.core.stamps import Stamp, ms_of_hlc
from sync.explain.journey import Trip, journey_items
from sync.ids import Document
from sync.local.entries import Entry
from sync.local.names import Names
from sync.local.parts import Parts
from sync.local.past import past_of
from sync.local.refused import quarantined


class Journeys:
    """Answers for one file."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._names = Names(parts)

    def __call__(self, collection: str, doc_id: str) -> list[Document]:
        """Every known change of a record with its steps, oldest first."""
        return journey_items(self.trips(collection, doc_id))

    def trips(self, collection: str, doc_id: str) -> list[Trip]:
        """The changes themselves, oldest first."""
        with self._parts.database.lock:  # one state of everything
            own = [
                self._own(each.entry, each.batch)
                for each in past_of(self._parts, collection, doc_id)
                if each.entry.status != "discarded" or each.entry.reason is not None
            ]  # without what was written again under another id (C8)
            found = own + list(self._of_others(collection, doc_id))
        return sorted(found, key=lambda trip: (trip.made_ms, trip.replica, trip.n))

    def _own(self, entry: Entry, batch: Batch) -> Trip:
        source = self._parts.log.provenance(batch.stamp)
        return Trip(
            replica=batch.replica,
            n=batch.n,
            device=self._names.device(batch.replica, batch.user),
            person=self._names.person(batch.user),
            made_ms=entry.at_ms,
            documents=documents_in(batch),
            status=entry.status,
            status_ms=self._parts.log.marked_ms(entry.seq),
            seq=None if source is None else source.hub_seq,
            refusal="" if entry.reason is None else quarantined(entry).message,
        )

    def _of_others(self, collection: str, doc_id: str) -> Iterator[Trip]:
        documents, log = self._parts.documents, self._parts.log
        row = documents.rows(collection, [doc_id]).get(doc_id)
        for hlc, site in [] if row is None else stamps_in(row.meta):
            source = log.provenance(Stamp(hlc, documents.replica_of(site)))
            if source is None or log.of(source.replica, source.n) is not None:
                continue
            yield Trip(
                replica=source.replica,
                n=source.n,
                device=self._names.device(source.replica, source.user),
                person=self._names.person(source.user),
                made_ms=ms_of_hlc(source.hlc),
                documents={},
                status="pending" if source.hub_seq is None else "accepted",
                seq=source.hub_seq,
            )


def documents_in(batch: Batch) -> dict[str, int]:
    """How many documents a batch changes, by collection."""
    return dict(Counter(str(delta.collection) for delta in batch.deltas))
