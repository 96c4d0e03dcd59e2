"""Observers that judge a world (DESIGN §10). Each looks at one promise and says what breaks it.

They read files and the ledger; none of them takes the engine's word for what it promises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sync.core.stamps import Stamp
from sync.hub.bounds import Bounds
from sync.ids import Collection
from sync.local.replica import Replica
from sync.query import EVERYTHING
from sync.query.related import Fresh
from sync.sim.clashes import conflicts
from sync.sim.device_node import DeviceNode
from sync.sim.evidence import Evidence
from sync.sim.oracle import oracle_of
from sync.sim.storage import sizes_of
from sync.sim.world import World

FILE_BYTES_MIN = 1_048_576
FILE_BYTES_PER_LOGGED_BYTE_MAX = 30
WAL_BYTES_MAX = 90 * 1_048_576
"""A file is bounded by what was ever written, not by how often it was sent, merged or restarted;
its write-ahead log by the 10,000 pages of a checkpoint."""
REFUSALS = (
    "permission_denied",
    "out_of_scope",
    "author_mismatch",
    "clock_ahead",
    "already_taken",
    "document_unknown",
)
"""What a hub may say to an honest device in this shop."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise."""

    checker: str
    text: str


Checker = Callable[[Evidence], Iterator[str]]


def convergence(evidence: Evidence) -> Iterator[str]:
    """Every device shows what the hub shows within its scope, with the same stamps."""
    for device in evidence.world.devices:
        yield from device_differs(evidence.world, device)


def device_differs(world: World, device: DeviceNode) -> Iterator[str]:
    """Where one settled device and the hub do not agree (S1, S4)."""
    hub, replica = world.hub.replica, device.replica
    bounds = device.bounds(world.hub)
    line = Line(hub, bounds)
    for collection in sorted({*hub.parts.documents.collections, *bounds.collections}):
        shown = {d["_id"]: d for d in replica.find(collection)}
        wanted = {d["_id"]: d for d in hub.find(collection) if line.holds(collection, d["_id"])}
        for doc_id in sorted(shown.keys() | wanted.keys()):
            if shown.get(doc_id) != wanted.get(doc_id):
                yield (
                    f"device {device.number} shows {collection} {doc_id} as {shown.get(doc_id)},"
                    f" the hub as {wanted.get(doc_id)}"
                )
        for doc_id in held_ids(replica, collection):
            if replica.digest(collection, [doc_id]) != hub.digest(collection, [doc_id]):
                yield f"device {device.number} has another state of {collection} {doc_id}"


def scope(evidence: Evidence) -> Iterator[str]:
    """Nobody holds what they may not read or do not want, not even the traces of it (S4)."""
    world = evidence.world
    for device in world.devices:
        line = Line(evidence.hub, device.bounds(world.hub))
        for collection in device.replica.parts.documents.collections:
            for doc_id in held_ids(device.replica, collection):
                if not line.holds(collection, doc_id):
                    yield f"device {device.number} holds {collection} {doc_id}, not its own"


class Line:
    """A scope judged on the hub's copies, a delete ignored (S3, S4); what its conditions ask of
    other documents is worked out from all of them, not from what the hub keeps."""

    def __init__(self, hub: Replica, bounds: Bounds) -> None:
        self._hub = hub
        self._bounds = bounds
        self._related = Fresh(lambda name, _: hub.matching(name, EVERYTHING))

    def holds(self, collection: str, doc_id: str) -> bool:
        """Whether a document is in the scope."""
        row = self._hub.parts.documents.rows(collection, [doc_id]).get(doc_id)
        fields = None if row is None else row.undeleted
        if fields is None:
            return False
        document = {"_id": doc_id, **fields}
        return self._bounds.holds(Collection(collection), document, self._related)


def held_ids(replica: Replica, collection: str) -> list[str]:
    """Ids of all documents a replica holds, deleted ones included."""
    documents = replica.parts.documents
    if collection not in documents.collections:
        return []
    sql = f"SELECT id FROM {documents.table(collection)} ORDER BY id"
    return [doc_id for (doc_id,) in replica.parts.database.query(sql)]


def nothing_lost(evidence: Evidence) -> Iterator[str]:
    """Every act that some file still held is in the hub's log or in a quarantine (L2, S2, S5)."""
    kept = {entry.act.number for entry in evidence.log if entry.act is not None}
    kept |= quarantined(evidence)
    for act in evidence.world.ledger.acts.values():
        if not act.gone and act.number not in kept:
            yield f"{act} is lost; held by {sorted(act.holders)}"


def quarantined(evidence: Evidence) -> set[int]:
    """Acts that were set aside on some device, where a person can see them."""
    ledger = evidence.world.ledger
    found = (
        ledger.by_fingerprint.get(fingerprint)
        for device in evidence.world.devices
        for fingerprint in device.quarantined_fingerprints()
    )
    return {number for number in found if number is not None}


def nothing_doubled(evidence: Evidence) -> Iterator[str]:
    """No act is accepted twice, whatever was copied, restored or pushed again (S2, C8)."""
    taken = Counter(entry.act.number for entry in evidence.accepted if entry.act is not None)
    for number, times in taken.items():
        if times > 1:
            yield f"{evidence.world.ledger.acts[number]} is accepted {times} times"


def refusals(evidence: Evidence) -> Iterator[str]:
    """What the hub refused has an understood reason and lies in the author's quarantine (S3)."""
    accepted = {entry.act.number for entry in evidence.accepted if entry.act is not None}
    aside = quarantined(evidence)
    for entry in evidence.log:
        if entry.status != "rejected" or entry.act is None:
            continue
        if not any(f'"{code}"' in entry.reason for code in REFUSALS):
            yield f"{entry.act} is refused: {entry.reason}"
        elif entry.act.number not in accepted | aside and entry.act.holders:
            yield f"{entry.act} is refused, and in nobody's quarantine"


def documents(evidence: Evidence) -> Iterator[str]:
    """The hub shows what all leaves of its log together say (C2, C3, C4)."""
    oracle = oracle_of(entry.batch for entry in evidence.accepted)
    for collection, doc_id in sorted(oracle.documents):
        shown = evidence.hub.get(collection, doc_id)
        wanted = oracle.visible((collection, doc_id))
        if shown != (None if wanted is None else {"_id": doc_id, **wanted}):
            yield f"the hub shows {collection} {doc_id} as {shown}, its log says {wanted}"


def counters(evidence: Evidence) -> Iterator[str]:
    """Stock is the newest physical count and what moved after it, by the ledger's own sums (C4)."""
    moved: dict[tuple[str, str], list[tuple[Stamp, str, int]]] = {}
    removed: set[tuple[str, str]] = set()
    for entry in evidence.accepted:
        for delta in entry.batch.deltas:
            if () in dict(delta.ops()):
                removed.add((delta.collection, delta.doc_id))
        for count in entry.act.counts if entry.act is not None else ():
            moved.setdefault(count.document, []).append(
                (entry.batch.stamp, count.kind, count.amount)
            )
    for (collection, doc_id), counts in sorted(moved.items()):
        shown = evidence.hub.get(collection, doc_id)
        if shown is None or (collection, doc_id) in removed:
            continue
        since, base = max(
            ((stamp, amount) for stamp, kind, amount in counts if kind == "restart"),
            default=(None, 40),
        )
        after = (a for s, kind, a in counts if kind == "add" and (since is None or s > since))
        wanted = base + sum(after)
        if shown.get("stock_level") != wanted:
            yield f"{doc_id} has stock {shown.get('stock_level')}, the ledger says {wanted}"


def screens(evidence: Evidence) -> Iterator[str]:
    """Live queries show what a fresh query shows (L5)."""
    for number, each in sorted(evidence.world.screens.items()):
        each.look()
        yield from (f"device {number}: {text}" for text in each.wrong())


def leftovers(evidence: Evidence) -> Iterator[str]:
    """A settled device keeps no scaffolding, and no file grows beyond what was written."""
    bound = FILE_BYTES_MIN + evidence.log_bytes * FILE_BYTES_PER_LOGGED_BYTE_MAX
    for device in evidence.world.devices:
        for table in ("pending", "confirmed", "arrived", "held", "leaving", "strays"):
            ((rows,),) = device.database.query(f"SELECT count(*) FROM {table}")
            if rows:
                yield f"device {device.number} still has {rows} rows in {table}"
    for node in evidence.world.nodes:
        size, wal = sizes_of(node.path)
        if size > bound or wal > WAL_BYTES_MAX:
            yield f"{node.path.name} has {size} bytes and {wal} in its write-ahead log"


CHECKERS: dict[str, Checker] = {
    checker.__name__: checker
    for checker in (
        *(convergence, scope, nothing_lost, nothing_doubled, refusals),
        *(documents, counters, conflicts, screens, leftovers),
    )
}


def judge(world: World) -> list[Finding]:
    """Everything that is wrong with a healed world."""
    evidence = Evidence(world)
    return [Finding(name, text) for name, checker in CHECKERS.items() for text in checker(evidence)]
