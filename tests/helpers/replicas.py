"""Replicas for tests, and a hub on paper that says what a real one would."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.core.batch import Change, digest_of
from sync.core.decode import decode
from sync.errors import ZavaError
from sync.ids import Document
from sync.local import Replica
from sync.local.oplog import next_chain, provenance_of
from sync.ports import Clock
from sync.wire.messages import Hello, Outcome, Part, Verdict
from tests.helpers.clocks import NOON_MS, FixedClock, SeededEntropy

STORE = "store_seattle"
LOCATION = {"aisle": "3", "shelf": "B", "bin": "12"}
PAPER_EPOCH = "e" * 32


def open_replica(
    path: Path | str = ":memory:", *, seed: int = 1, clock: Clock | None = None, **options: Any
) -> Replica:
    """A replica whose id and stamps are the same in every run."""
    clock = clock or FixedClock()
    return Replica.open(path, clock=clock, entropy=SeededEntropy(seed), **options)


def shelf(doc_id: str = "inv_1", **fields: Any) -> Document:
    """One inventory document."""
    return {
        "_id": doc_id,
        "store_id": STORE,
        "product_id": "prod_1",
        "location": dict(LOCATION),
        "stock_level": 40,
        "notes": "as delivered",
        "deleted": False,
        **fields,
    }


def stocked(count: int = 1, **options: Any) -> Replica:
    """A replica with some inventory of its own making."""
    replica = open_replica(**options)
    with replica.transaction() as tx:
        for number in range(1, count + 1):
            tx.insert("inventory", shelf(f"inv_{number}", stock_level=number))
    return replica


def fingerprint(replica: Replica) -> dict[str, Any]:
    """Everything a replica holds, for "nothing changed"."""
    database = replica.parts.database
    names = database.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return {name: sorted(map(repr, database.query(f'SELECT * FROM "{name}"'))) for (name,) in names}


@dataclass
class PaperHub:
    """A log of batches, and the messages a hub with this log would send. No scope, no rights."""

    seq: int = 0
    chain: str = ""
    time_ms: int = NOON_MS
    kept: list[bytes] = field(default_factory=list)

    def hello(self, *, snapshot: bool = False) -> Hello:
        return Hello(
            hub_id="hub",
            epoch=PAPER_EPOCH,
            head=self.seq,
            hub_time_ms=self.time_ms,
            scope="scope",
            snapshot=snapshot,
            shared=self.seq,
        )

    def accept(self, payload: bytes) -> Outcome:
        """Log a batch; what its author hears."""
        return self._settle(payload, None)

    def reject(self, payload: bytes, error: ZavaError) -> Outcome:
        """Refuse a batch; what its author hears."""
        return self._settle(payload, error)

    def part(self, payload: bytes) -> Part:
        """Log a batch; what everybody else hears."""
        self._settle(payload, None)
        batch = decode(payload)
        source = provenance_of(batch, self.seq)
        return Part(self.seq, self.chain, source, batch.deltas, (), ())

    def gone(self, collection: str, doc_id: str, by: bytes) -> Part:
        """Log a batch that takes a document out of the listener's scope."""
        part = self.part(by)
        return Part(part.seq, part.chain, part.source, (), (), ((collection, doc_id),))

    def _settle(self, payload: bytes, error: ZavaError | None) -> Outcome:
        digest = digest_of(payload)
        self.seq += 1
        self.chain = next_chain(self.chain, digest)
        self.kept.append(payload)
        return Outcome(self.seq, self.chain, Verdict(decode(payload).n, digest, error))


def waiting_payloads(replica: Replica) -> list[bytes]:
    """The batches a replica would push now; marks them as offered."""
    return [entry.payload for entry in replica.sending.take()]


def acknowledged(replica: Replica, up_to: int) -> int:
    """The hub says how far it holds what was pushed; how many batches that was news of."""
    before = replica.outbox().sent
    replica.sending.acknowledge(replica.id, up_to)
    return replica.outbox().sent - before


def everything_settled(hub: PaperHub, author: Replica, *others: Replica) -> None:
    """One round through a hub on paper: ``author``'s work is accepted, everybody hears of it."""
    for payload in waiting_payloads(author):
        part = hub.part(payload)
        verdict = Verdict(decode(payload).n, digest_of(payload), None)
        author.receive([Outcome(part.seq, part.chain, verdict)])
        for other in others:
            other.receive([part])


def fields_changed(payload: bytes) -> dict[tuple[str, str], set[Any]]:
    """Which keys of which documents a batch writes; births as ``{"+"}``."""
    return {
        (delta.collection, delta.doc_id): set(delta.changes) if isinstance(delta, Change) else {"+"}
        for delta in decode(payload).deltas
    }
