"""Every message of the pull stream, each a documented value (S1, S4).

A stream is: ``Hello``; then, if the hub says so, a snapshot (``Begin``, ``Docs``…, ``End``); then
``Part``, ``Outcome`` and ``Position`` in the order of the hub's log for ever, with a ``Ping`` when
nothing happens. ``docs/protocol.md`` shows the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sync.core.batch import Delta, Origin
from sync.core.conflicts import Provenance
from sync.errors import ZavaError
from sync.ids import Collection, ReplicaId

PROTOCOL = 1
HELD_REPLICAS_MAX = 64
"""Whose batches one device holds: the devices of one store, generously."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Who answers, its present time (C1), the head of its log, and whether a snapshot follows.

    ``shared`` is how much of what the device has read the hub still has; less than the cursor
    after the hub was restored from a backup.
    """

    hub_id: str
    epoch: str
    head: int
    hub_time_ms: int
    scope: str
    snapshot: bool
    shared: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The hub's word on batch ``n`` of the asking replica; ``error`` is None if accepted. The
    digest shows a copied or restored replica that the batch meant is not its own (C8)."""

    n: int
    digest: str
    error: ZavaError | None


@dataclass(frozen=True, slots=True)
class Begin:
    """A snapshot starts. It holds everything up to ``at``; ``total`` documents will come at most.

    ``own`` are the newest batches of the asking replica that the hub has settled, oldest first,
    each with its place in the hub's log, which decides what later writers knew of it (C5).
    """

    at: int
    total: int
    own: tuple[tuple[int, Verdict], ...]


@dataclass(frozen=True, slots=True)
class PackedRow:
    """One document with all its stamps: ``core.packing`` texts, site numbers as in the message."""

    doc_id: str
    body: str | None
    meta: str
    ghost: str | None


@dataclass(frozen=True, slots=True)
class Docs:
    """Whole documents of one collection. ``sources`` tells where their stamps come from (C5)."""

    collection: Collection
    sites: dict[int, ReplicaId]
    sources: tuple[Provenance, ...]
    rows: tuple[PackedRow, ...]


@dataclass(frozen=True, slots=True)
class End:
    """The snapshot is complete up to ``at``; the log follows from there."""

    at: int
    chain: str


@dataclass(frozen=True, slots=True)
class Part:
    """What of one log entry lies in the scope: deltas, and documents that left it (``gone``).

    ``whole`` are documents that may have entered the scope with it, for whoever does not hold them;
    their deltas are there as well, for whoever does. ``origin`` is the first name of a batch that
    was written again, for whoever holds it under that name.
    """

    seq: int
    chain: str
    source: Provenance
    deltas: tuple[Delta, ...]
    whole: tuple[Docs, ...]
    gone: tuple[tuple[Collection, str], ...]
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The hub settled a batch of the asking replica at ``seq``."""

    seq: int
    chain: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Settled:
    """The hub has settled a batch that the asking replica holds for another, and everything of it
    in the scope has been sent. Refused or accepted, it is not to be held any more (S3, L7)."""

    replica: ReplicaId
    n: int


@dataclass(frozen=True, slots=True)
class Position:
    """Nothing in the scope happened up to ``seq``."""

    seq: int
    chain: str


@dataclass(frozen=True, slots=True)
class Ping:
    """The line is alive; the hub's present time."""

    hub_time_ms: int


Message: TypeAlias = Hello | Begin | Docs | End | Part | Outcome | Settled | Position | Ping


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a device has read the hub's log (S1), sent when it opens a pull. ``name`` is what
    people call the device; ``held`` names the replicas it holds batches for, with the oldest number
    of each."""

    replica: ReplicaId
    name: str
    epoch: str
    seq: int
    chain: str
    scope: str
    held: tuple[tuple[ReplicaId, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PushReply:
    """The hub holds every batch up to ``acked`` of the pushing replica."""

    acked: int
    hub_time_ms: int
