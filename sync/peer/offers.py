"""What a device has for a peer: its own unsettled batches, and those it holds for others (S2, S7).

Only whole batches travel, and only to a peer who may hold every document of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sync.core.batch import Batch, Origin
from sync.core.decode import decode
from sync.ids import UserId
from sync.local.own_work import UNSETTLED
from sync.local.replica import Replica
from sync.peer.rights import Rights, fields_of
from sync.query.related import Related


@dataclass(frozen=True, slots=True)
class Candidate:
    """A batch that could be offered. ``proof`` is None for an own one, which is signed anew."""

    name: Origin
    batch: Batch
    payload: bytes
    proof: str | None


def candidates(replica: Replica, author: UserId, known: set[Origin]) -> list[Candidate]:
    """Batches the hub has not settled, without the known ones, causes before effects.

    Own work of somebody else who was signed in here before is not ours to vouch for.
    """
    found: list[Candidate] = []
    with replica.parts.database.lock:
        own = replica.parts.log.with_status(UNSETTLED)
        for entry in own:
            name = (entry.replica, entry.n, entry.digest)
            batch = None if name in known else decode(entry.payload)
            if batch is not None and batch.user == author:
                found.append(Candidate(name, batch, entry.payload, None))
        for held in replica.held.all():
            name = (held.replica, held.n, held.digest)
            if name not in known:
                found.append(Candidate(name, decode(held.payload), held.payload, held.proof))
    return sorted(found, key=lambda each: (each.batch.hlc, each.name))


def may_hold(replica: Replica, rights: Rights, batch: Batch, related: Related) -> bool:
    """Whether somebody may hold all of a batch, judged on our present copies (S4)."""
    documents = replica.parts.documents
    for delta in batch.deltas:
        row = documents.rows(delta.collection, [delta.doc_id]).get(delta.doc_id)
        fields = fields_of(delta.doc_id, row)
        if fields is None or not rights.may_read(fields, delta.collection, related):
            return False
    return True
