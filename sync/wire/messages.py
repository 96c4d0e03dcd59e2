"""Every message of the pull stream, each a documented value (S1, S4).

A stream is: ``Hello``; ``Sizes`` when the scope is a new one; then, if the hub says so, a snapshot
or the difference of two scopes (``Begin``, ``Docs`` and ``Gone``…, ``End``); then ``Part``,
``Outcome`` and ``Position`` in the order of the hub's log for ever, with a ``Ping`` when nothing
happens. ``docs/protocol.md`` shows the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sync.core.batch import Delta, Origin
from sync.core.conflicts import Provenance
from sync.errors import ZavaError
from sync.ids import Collection, ReplicaId
from sync.query.subscription import Subscription

PROTOCOL = 1
HELD_REPLICAS_MAX = 64
"""Whose batches one device holds: the devices of one store, generously."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Who answers, its present time (C1), the head of its log, and what comes before the log goes
    on: a snapshot of the whole scope, its difference to the scope of the cursor, or nothing.

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
    difference: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The hub's word on batch ``n`` of the asking replica; ``error`` is None if accepted. The
    digest shows a copied or restored replica that the batch meant is not its own (C8)."""

    n: int
    digest: str
    error: ZavaError | None


@dataclass(frozen=True, slots=True)
class Sized:
    """What the hub makes of one subscription: how many documents it selects and their bytes, or
    why it selects none."""

    documents: int
    size_bytes: int
    error: ZavaError | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """Every subscription of the cursor, in its order, before any document of them is sent."""

    items: tuple[Sized, ...]


@dataclass(frozen=True, slots=True)
class Begin:
    """A snapshot starts, or, not ``whole``, the difference of two scopes. A snapshot holds
    everything up to ``at``; a difference what the device cannot have by reading up to ``at``.
    ``total`` documents will come at most.

    ``own`` are the newest batches of the asking replica that the hub has settled, oldest first,
    each with its place in the hub's log, which decides what later writers knew of it (C5). An
    ``Outcome`` each for older ones that the device has heard no verdict on may follow.
    """

    at: int
    total: int
    own: tuple[tuple[int, Verdict], ...]
    whole: bool = True


class PackedRow(NamedTuple):
    """One document with all its stamps: ``core.packing`` texts, site numbers as in the message."""

    doc_id: str
    body: str | None
    meta: str
    ghost: str | None


@dataclass(frozen=True, slots=True)
class Docs:
    """Whole documents of one collection, column by column: many pass through without being looked
    at one by one. ``sources`` tells where their stamps come from (C5), but for what an earlier
    message of the same snapshot has told."""

    collection: Collection
    sites: dict[int, ReplicaId]
    sources: tuple[Provenance, ...]
    ids: tuple[str, ...]
    bodies: tuple[str | None, ...]
    metas: tuple[str, ...]
    ghosts: tuple[str | None, ...]

    @classmethod
    def of(
        cls,
        collection: Collection,
        sites: dict[int, ReplicaId],
        sources: tuple[Provenance, ...],
        rows: Sequence[PackedRow],
    ) -> Docs:
        """Documents given row by row."""
        columns = zip(*rows, strict=True) if rows else ((), (), (), ())
        return cls(collection, sites, sources, *columns)

    @property
    def rows(self) -> list[PackedRow]:
        """The documents one by one."""
        columns = zip(self.ids, self.bodies, self.metas, self.ghosts, strict=True)
        return [PackedRow(*row) for row in columns]


@dataclass(frozen=True, slots=True)
class Gone:
    """Documents of one collection that the new scope does not have: they go when the difference is
    complete."""

    collection: Collection
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class End:
    """The snapshot or difference is complete; the log follows from ``at``, read under ``scope``.

    ``reach`` is how far the log had come: the documents may know of everything up to there.
    """

    at: int
    chain: str
    scope: str = ""
    reach: int = 0
    whole: bool = True


class Part(NamedTuple):
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
    """The hub settled a batch of the asking replica at ``seq``. ``more``: a ``Part`` of the same
    entry follows, and only with that the entry is read; or the rest of a snapshot does."""

    seq: int
    chain: str
    verdict: Verdict
    more: bool = False


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


Message: TypeAlias = (
    Hello | Sizes | Begin | Docs | Gone | End | Part | Outcome | Settled | Position | Ping
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a device has read the hub's log (S1), sent when it opens a pull. ``name`` is what
    people call the device; ``held`` names the replicas it holds batches for, with the oldest number
    of each. ``scope`` is the digest of what it has read so far, ``subscriptions`` what it asks for
    from now on; none: whatever its person's role is given. ``unsettled`` is the oldest own batch on
    which it has heard no verdict."""

    replica: ReplicaId
    name: str
    epoch: str
    seq: int
    chain: str
    scope: str
    held: tuple[tuple[ReplicaId, int], ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    unsettled: int = 1


@dataclass(frozen=True, slots=True)
class Push:
    """Batches of one replica in their order. With ``proofs``, one for each, they come from somebody
    who holds them for their author (S7)."""

    replica: ReplicaId
    batches: tuple[bytes, ...]
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PushReply:
    """The hub holds every batch up to ``acked`` of the replica that made them. ``declined`` is the
    code of what was wrong with one that was passed on; its author may still push it."""

    acked: int
    hub_time_ms: int
    declined: str = ""
