"""Documents that unsettled work lies on: their confirmed form, and how they are shown (L7, S3, S4).

The tables ``pending`` (which documents wait for which batch, own or held for a peer) and
``confirmed`` (what each is without that work). Called inside a transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.core.batch import Batch, Birth, Delta
from sync.core.decode import decode
from sync.core.stamps import Stamp
from sync.ids import ReplicaId
from sync.local.merging import Planned
from sync.local.parts import Parts


class Unsettled:
    """What happens to such documents when the hub has spoken."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._merging = parts.merging

    def keep(self, replica: ReplicaId, n: int, planned: list[Planned]) -> None:
        """Keep what documents are without a batch that is about to be merged into them."""
        database = self._parts.database
        for item in planned:
            row = item.held
            here = None if row is None else self._parts.documents.columns(item.doc_id, row)
            database.execute(
                "INSERT OR IGNORE INTO confirmed(collection, id, body, meta, ghost)"
                " VALUES(?,?,?,?,?)",
                (item.collection, item.doc_id, *(here or (None, None, None))),
            )
            database.execute(
                "INSERT INTO pending(collection, id, replica, n) VALUES(?,?,?,?)",
                (item.collection, item.doc_id, replica, n),
            )

    def confirm(self, batch: Batch, seq: int, *, judge: bool) -> int:
        """The hub's log holds this own batch at ``seq``; how many conflicts that made."""
        planned: list[Planned] = []
        for delta in batch.deltas:
            if isinstance(delta, Birth):  # if there was more before, the hub sends it
                self.enter(delta.collection, [delta.doc_id])
            held = self._merging.confirmed(delta.collection, [delta.doc_id])
            if delta.doc_id in held:
                plan = self._merging.merge_logged(held[delta.doc_id], batch, delta, seq)
                planned.append(plan if judge else plan._replace(lost=()))
        return self._merging.apply_confirmed(self._parts.identity.seq, planned)

    def rebuild(self, collection: str, doc_id: str) -> None:
        """The visible row anew: the confirmed form and the work that still waits."""
        row = self._merging.confirmed(collection, [doc_id]).get(doc_id)
        for batch, delta in self._waiting_on(collection, doc_id):
            row = self._merging.merge_delta(row, batch, delta).after
        if row is None:
            self._drop(collection, doc_id)
        else:
            self._parts.documents.save(collection, self._parts.identity.seq, [(doc_id, row)])

    def retract(self, collection: str, doc_id: str) -> bool:
        """A document left the scope; whether it is forgotten at once (S4).

        Where own work waits, that stays on what is shown until it is settled, but there is no
        confirmed form to go back to any more, and no news of it arrives from here on.
        """
        waiting = self._merging.confirmed(collection, [doc_id])
        waits = bool(waiting)
        if waiting.get(doc_id) is not None:  # the hub knew it
            self._parts.database.execute(
                "INSERT OR IGNORE INTO strays(collection, id, known) VALUES(?, ?, ?)",
                (collection, doc_id, self._parts.identity.known),
            )
        if waits:
            self._parts.database.execute(
                "UPDATE confirmed SET body = NULL, meta = NULL, ghost = NULL"
                " WHERE collection = ? AND id = ?",
                (collection, doc_id),
            )
        else:
            self._drop(collection, doc_id)
        return not waits

    def enter(self, collection: str, ids: Iterable[str]) -> set[str]:
        """Documents arrived whole: of these everything is known again. Which were strays."""
        found: set[str] = set()
        if self._parts.database.query("SELECT 1 FROM strays LIMIT 1"):
            found = self.strays(collection, ids)
            self._parts.database.executemany(
                "DELETE FROM strays WHERE collection = ? AND id = ?",
                [(collection, doc_id) for doc_id in ids],
            )
        return found

    def strays(self, collection: str, ids: Iterable[str]) -> set[str]:
        """Which documents are shown though they left the scope: some of them are not known."""
        sql = "SELECT id FROM strays WHERE collection = ?"
        return {doc_id for (doc_id,) in self._parts.database.query(sql, (collection,))} & {*ids}

    def _drop(self, collection: str, doc_id: str) -> None:
        self._parts.documents.drop(collection, doc_id)
        self.enter(collection, [doc_id])

    def close(self, collection: str, doc_id: str) -> None:
        """Forget the confirmed form of a document that nothing waits on any more."""
        self._parts.database.execute(
            "DELETE FROM confirmed WHERE collection = ?1 AND id = ?2 AND NOT EXISTS"
            " (SELECT 1 FROM pending WHERE collection = ?1 AND id = ?2)",
            (collection, doc_id),
        )

    def others_on(self, collection: str, doc_id: str) -> list[tuple[ReplicaId, int]]:
        """Batches of other replicas that a document waits for."""
        sql = "SELECT replica, n FROM pending WHERE collection = ? AND id = ? AND replica <> ?"
        own = self._parts.identity.replica
        rows = self._parts.database.query(sql, (collection, doc_id, own))
        return [(ReplicaId(replica), n) for replica, n in rows]

    def known_on(self, collection: str, doc_id: str) -> list[Stamp]:
        """Stamps of the batches held for others that a document waits for."""
        sql = (
            "SELECT held.hlc, held.replica FROM pending JOIN held USING(replica, n)"
            " WHERE collection = ? AND id = ?"
        )
        return [Stamp(*row) for row in self._parts.database.query(sql, (collection, doc_id))]

    def _waiting_on(self, collection: str, doc_id: str) -> Iterable[tuple[Batch, Delta]]:
        sql = (
            "SELECT coalesce(held.payload, log.payload) FROM pending"
            " LEFT JOIN held ON held.replica = pending.replica AND held.n = pending.n"
            " LEFT JOIN log ON log.replica = pending.replica AND log.n = pending.n"
            " WHERE pending.collection = ? AND pending.id = ? ORDER BY pending.replica, pending.n"
        )
        for (payload,) in self._parts.database.query(sql, (collection, doc_id)):
            batch = decode(payload)
            mine = (d for d in batch.deltas if (d.collection, d.doc_id) == (collection, doc_id))
            yield from ((batch, delta) for delta in mine)
