"""Documents that own work waits on: their confirmed form, and how they are shown (L7, S3, S4).

The tables ``pending`` (which documents wait for which own batch) and ``confirmed`` (what each is
without that work). Called by the inbox, inside its transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sync.core.batch import Batch, Delta
from sync.core.decode import decode
from sync.local.merging import Planned
from sync.local.parts import Parts


class Unsettled:
    """What happens to such documents when the hub has spoken."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._merging = parts.merging

    def confirm(self, batch: Batch, seq: int, *, judge: bool) -> int:
        """The hub's log holds this own batch at ``seq``; how many conflicts that made."""
        planned: list[Planned] = []
        for delta in batch.deltas:
            held = self._merging.confirmed(delta.collection, [delta.doc_id])
            if delta.doc_id in held:
                plan = self._merging.merge_logged(held[delta.doc_id], batch, delta, seq)
                planned.append(plan if judge else replace(plan, beaten=[], clashes=[]))
        return self._merging.apply_confirmed(self._parts.identity.seq, planned)

    def rebuild(self, collection: str, doc_id: str) -> None:
        """The visible row anew: the confirmed form and the own work that still waits."""
        row = self._merging.confirmed(collection, [doc_id]).get(doc_id)
        for batch, delta in self._waiting_on(collection, doc_id):
            row = self._merging.merge_delta(row, batch, delta).after
        if row is None:
            self._parts.documents.drop(collection, doc_id)
        else:
            self._parts.documents.save(collection, self._parts.identity.seq, [(doc_id, row)])

    def retract(self, collection: str, doc_id: str) -> bool:
        """A document left the scope; whether it is forgotten at once (S4).

        Where own work waits, that stays on what is shown until it is settled, but there is no
        confirmed form to go back to any more.
        """
        waits = bool(self._merging.confirmed(collection, [doc_id]))
        if waits:
            self._parts.database.execute(
                "UPDATE confirmed SET body = NULL, meta = NULL, ghost = NULL"
                " WHERE collection = ? AND id = ?",
                (collection, doc_id),
            )
        else:
            self._parts.documents.drop(collection, doc_id)
        return not waits

    def close(self, collection: str, doc_id: str) -> None:
        """Forget the confirmed form of a document that nothing waits on any more."""
        self._parts.database.execute(
            "DELETE FROM confirmed WHERE collection = ?1 AND id = ?2 AND NOT EXISTS"
            " (SELECT 1 FROM pending WHERE collection = ?1 AND id = ?2)",
            (collection, doc_id),
        )

    def _waiting_on(self, collection: str, doc_id: str) -> Iterable[tuple[Batch, Delta]]:
        sql = "SELECT n FROM pending WHERE collection = ? AND id = ? ORDER BY n"
        for (n,) in self._parts.database.query(sql, (collection, doc_id)):
            entry = self._parts.log.of(self._parts.identity.replica, n)
            if entry is not None:
                batch = decode(entry.payload)
                mine = (d for d in batch.deltas if (d.collection, d.doc_id) == (collection, doc_id))
                yield from ((batch, delta) for delta in mine)
