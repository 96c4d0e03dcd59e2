"""Own batches entering the log: when they are written, and again after a fork (C8)."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TypeAlias

from sync.core.batch import NO_DIGEST, Batch, Change, Delta, Known, digest_of, encode
from sync.core.decode import BESIDE_MAX, decode
from sync.core.state import Key, is_increment
from sync.errors import ReplicaForked
from sync.ids import Json, ReplicaId
from sync.local.entries import Entry, Status
from sync.local.held import Held
from sync.local.identity import REPLICA_ID_BYTES
from sync.local.merging import Planned
from sync.local.oplog import next_chain, provenance_of
from sync.local.parts import Parts
from sync.local.unsettled import Unsettled

Changed: TypeAlias = dict[str, set[str]]

UNSETTLED: tuple[Status, ...] = ("pending", "offered", "sent")
"""Own batches of which the hub's log has not said anything yet."""
ACKNOWLEDGED: tuple[Status, ...] = ("sent", "accepted")
"""Own batches that the hub has held under their own name."""


def append_own(parts: Parts, batch: Batch, payload: bytes, planned: list[Planned]) -> None:
    """Log an own batch at the present seq, and keep what its documents are without it (L7)."""
    identity = parts.identity
    digest = digest_of(payload)
    identity.n, identity.digest = batch.n, digest
    identity.chain = next_chain(identity.chain, digest)
    parts.log.learn(provenance_of(batch, identity.seq if identity.is_hub else None))
    parts.log.append(
        Entry(
            seq=identity.seq,
            replica=identity.replica,
            n=batch.n,
            digest=digest,
            chain=identity.chain,
            status="accepted" if identity.is_hub else "pending",
            at_ms=parts.identity.now_ms(),
            payload=payload,
            reason=None,
        )
    )
    if not identity.is_hub:
        Unsettled(parts).keep(identity.replica, batch.n, planned)


def reissue(parts: Parts) -> Changed:
    """Take a new replica id and write all unsettled work again under it, in order (C8).

    For a replica whose file was copied or restored: the hub knows other batches under its numbers.
    And for one whose hub was restored: what that has forgotten is written again without the refused
    batches in between, which nobody should judge a second time. Stamps keep their time, so the work
    keeps its place among everybody's. Returns changed ids by collection. Runs as one transaction.

    What may be in the log under a former name, sent by a copy or before the hub was restored, the
    writer of later work on the same document knows (C5). What else is written again is not there:
    where the hub has another batch under the first of these numbers, it takes none of the rest.
    """
    identity = parts.identity
    with parts.database.transaction():
        entries = [*parts.log.forgotten(), *parts.log.with_status(UNSETTLED)]
        entries.sort(key=lambda entry: entry.seq)
        changed = _take_back(parts)
        identity.replica = _next_id(parts, entries)
        identity.n, identity.digest = 0, NO_DIGEST
        earlier: dict[tuple[str, str], set[Known]] = {}
        for entry in entries:
            parts.log.mark(entry.seq, "discarded")
            old = decode(entry.payload)
            names = [(delta.collection, delta.doc_id) for delta in old.deltas]
            known: set[Known] = {*parts.log.logged_between(old)}
            known.update(*(earlier.get(name, ()) for name in names))
            if old.origin is not None or entry.status in ACKNOWLEDGED:
                known.add(old.stamp)
            old = _again(entry, known)
            for name in names:
                earlier.setdefault(name, set()).update(old.context.beside)
                changed.setdefault(name[0], set()).add(name[1])  # it may be shown again
            _write_again(parts, old, old.hlc)
        identity.save()
    return changed


def offer_forgotten(parts: Parts, newest: int) -> list[tuple[str, str]]:
    """Offer own batches after ``newest`` again: the hub once held them and holds them no more (S1).

    Returns documents that had left the scope and are shown again until it has spoken.
    ``ReplicaForked`` where they cannot be offered as they are. Part of a transaction.
    """
    database, replica = parts.database, parts.identity.replica
    elsewhere = any(entry.replica != replica for entry in parts.log.forgotten())
    if elsewhere or parts.log.is_broken_after(replica, newest):
        raise ReplicaForked("The hub has forgotten batches that cannot be offered as they are.")
    offered: dict[tuple[str, str], None] = {}
    for entry in parts.log.with_status(("accepted",)):
        if entry.replica == replica and entry.n > newest:
            parts.log.mark(entry.seq, "offered")
            names = [(str(d.collection), str(d.doc_id)) for d in decode(entry.payload).deltas]
            database.executemany(
                "INSERT OR IGNORE INTO confirmed(collection, id) VALUES(?, ?)", names
            )
            database.executemany(
                "INSERT OR IGNORE INTO pending(collection, id, replica, n) VALUES(?, ?, ?, ?)",
                ((*name, replica, entry.n) for name in names),
            )
            offered.update(dict.fromkeys(names))
    gone = [name for name in offered if not parts.documents.rows(name[0], [name[1]])]
    for collection, doc_id in gone:
        Unsettled(parts).rebuild(collection, doc_id)
    return gone


def _next_id(parts: Parts, entries: list[Entry]) -> ReplicaId:
    """A new replica id: drawn from the work that is written again, so that copies of one file
    which hold the same work write the same batches, and the hub takes them once."""
    if not entries:
        return ReplicaId(parts.entropy.draw(REPLICA_ID_BYTES).hex())
    origin = f"{parts.identity.replica}{entries[0].digest}".encode()
    return ReplicaId(blake2b(origin, digest_size=REPLICA_ID_BYTES).hexdigest())


def restamp(parts: Parts, hub_time_ms: int) -> Changed:
    """Start a new generation of stamps at hub time: our clock was wrong (C1).

    Only batches that were never offered get new stamps, in order; those that may have left this
    device keep theirs for ever. Returns changed ids by collection. Runs as one transaction.
    """
    identity, log = parts.identity, parts.log
    with parts.database.transaction():
        identity.start_generation(hub_time_ms, log.newest_sound(hub_time_ms))
        fresh = log.with_status(("pending",))
        kept = log.with_status(("offered", "sent"))
        changed = _take_back(parts)
        for entry in kept:
            batch = decode(entry.payload)
            planned = parts.merging.plan(batch)
            Unsettled(parts).keep(identity.replica, batch.n, planned)
            parts.merging.apply(identity.seq, planned, judge=False)
        if fresh:
            identity.n, identity.digest = fresh[0].n - 1, decode(fresh[0].payload).prev
            log.forget([entry.seq for entry in fresh])
        for entry in fresh:
            old = decode(entry.payload)
            _write_again(parts, _again(entry, {old.stamp}), identity.clock.tick())
        identity.save()
    return changed


def _take_back(parts: Parts) -> Changed:
    """Put every document back to its form without own work: confirmed, or with what is held."""
    changed: Changed = {}
    touched = parts.database.query("SELECT DISTINCT collection, id FROM pending")
    for collection, doc_id in touched:
        changed.setdefault(collection, set()).add(doc_id)
        row = parts.merging.confirmed(collection, [doc_id]).get(doc_id)
        if row is None:
            parts.documents.drop(collection, doc_id)
        else:
            parts.documents.save(collection, parts.identity.seq, [(doc_id, row)])
    parts.database.execute("DELETE FROM pending")
    parts.database.execute("DELETE FROM confirmed")
    Held(parts).show_again()
    return changed


def _write_again(parts: Parts, old: Batch, hlc: int) -> None:
    identity = parts.identity
    identity.seq += 1
    n = identity.n + 1
    batch = Batch(
        replica=identity.replica,
        n=n,
        hlc=hlc,
        user=old.user,
        context=old.context,
        prev=identity.digest,
        deltas=tuple(_under(delta, identity.replica, n) for delta in old.deltas),
        origin=old.origin,
    )
    planned = parts.merging.plan(batch)
    append_own(parts, batch, encode(batch), planned)
    parts.merging.apply(identity.seq, planned, judge=False)


def _again(entry: Entry, known: set[Known]) -> Batch:
    """A batch that is written again: under its first name, however often that happens, and with
    some more that its writer had merged (C5)."""
    old = decode(entry.payload)
    beside = (*old.context.beside, *sorted(known - {*old.context.beside}, key=str))[:BESIDE_MAX]
    return replace(
        old,
        context=old.context._replace(beside=beside),
        origin=old.origin or (old.replica, old.n, entry.digest),
    )


def _under(delta: Delta, replica: ReplicaId, n: int) -> Delta:
    """The delta with its increments counted under another batch."""
    if not isinstance(delta, Change):
        return delta
    changes: dict[Key, Json] = {
        (*key[:-1], (replica, n)) if is_increment(key) else key: value for key, value in delta.ops()
    }
    return Change.of(delta.collection, delta.doc_id, changes)
