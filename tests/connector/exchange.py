"""Replicas that meet without a session, and what their logs say when nobody merges them."""

from __future__ import annotations

from typing import Any

from sync.core.batch import digest_of
from sync.core.decode import decode
from sync.core.state import is_increment
from sync.local.entries import Entry
from sync.local.oplog import next_chain, provenance_of
from sync.local.replica import Replica


def exchange(one: Replica, other: Replica, done: dict[int, int], who: int) -> None:
    """Everything of one log that the other has not had goes there, in order."""
    for entry in one.parts.log.since(done[who], 10_000):
        done[who] = entry.seq
        if entry.replica != other.id and other.parts.log.of(entry.replica, entry.n) is None:
            accept(other, entry.payload)


def accept(replica: Replica, payload: bytes) -> None:
    """Merge a batch as a hub does that has nothing against it."""
    parts, batch, digest = replica.parts, decode(payload), digest_of(payload)
    with parts.database.transaction():
        planned = parts.merging.plan(batch)
        parts.identity.seq += 1
        parts.identity.chain = next_chain(parts.identity.chain, digest)
        seq = parts.identity.seq
        at_ms = parts.clock.now_ms()
        head = (seq, batch.replica, batch.n, digest, parts.identity.chain)
        parts.log.append(Entry(*head, "accepted", at_ms, payload, None))
        parts.log.advance_heads({batch.replica: (batch.n, digest)})
        parts.log.learn(provenance_of(batch, seq))
        parts.identity.clock.observe(batch.hlc)
        parts.merging.apply(seq, planned)
        parts.identity.save()


def counted(hub: Replica, collection: str, doc_id: str) -> int | None:
    """The counter of a document by rule C4, from the batches of the log and nothing else."""
    base, counts, gone = None, [], (0, "")
    for entry in hub.parts.log.since(0, 100_000):
        batch = decode(entry.payload)
        for delta in batch.deltas:
            if (delta.collection, delta.doc_id) != (collection, doc_id):
                continue
            for key, value in delta.ops():
                if key == ():
                    gone = max(gone, batch.stamp)
                elif key == ("n",) and (base is None or base[0] < batch.stamp):
                    base = (batch.stamp, value)
                elif is_increment(key) and key[:-1] == ("n",):
                    counts.append((batch.stamp, value))
    if base is not None and base[0] < gone:
        base = None
    start, floor = (0, gone) if base is None else (base[1], base[0])
    later = [value for stamp, value in counts if stamp > floor]
    return start + sum(later) if base is not None or later else None


def at(document: dict[str, Any], field: str) -> Any:
    value: Any = document
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def nested(field: str, value: Any) -> dict[str, Any]:
    for name in reversed(field.split(".")):
        value = {name: value}
    found: dict[str, Any] = value
    return found
