"""Batches: the ops of one transaction, and the one form they have as bytes (C7, C8).

A batch is JSON with one stamp for all its ops, grouped by *shape*: documents that change the same
fields share one list of columns and add one row each, so names travel once. A document born in the
transaction travels as its canonical text and can be stored without being taken apart.

    {"v":1, "r":replica, "n":7, "t":hlc, "u":user, "p":digest before,
     "c":[epoch, seq, [[hlc, replica], …]], "o":[replica, n, digest] if it was written before,
     "d":[["orders", "+", [[id, text], …]],                      births
          ["inventory", [["=", ["notes"]], ["+", ["stock_level"]]], [[id, "x", -2], …]]]}

Columns: ``=`` set, ``o`` a map comes to be (∅), ``-`` tombstone, ``+`` increment. Only ``=`` and
``+`` have a value in the rows. The digest of these bytes chains batches to one another (C8).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

from sync.core.stamps import Stamp
from sync.core.state import Key, Leaf, is_increment, key_order, leaves_at, leaves_of
from sync.core.values import TOMBSTONE, canonical
from sync.ids import Collection, DocId, Json, ReplicaId, UserId

FORMAT = 1
BATCH_OPS_MAX = 50_000
"""One transaction is one commit on every replica; this many ops merge in well under a second."""
BATCH_BYTES_MAX = 8 * 1_048_576
BIRTHS = "+"
"""Stands where the columns stand, for groups of documents born in the batch."""
NO_DIGEST = ""
"""What the first batch of a replica chains to."""

Column: TypeAlias = tuple[str, Key]
Origin: TypeAlias = tuple[ReplicaId, int, str]
"""The name of a batch: its replica, its number, its digest."""
Known: TypeAlias = Stamp | tuple[ReplicaId, int]
"""A batch its reader had merged, by its stamp; by its number in what was written before decision
11. A number names every batch that bears it, and after a restored backup two may (C8)."""


class Context(NamedTuple):
    """What the writer had merged when it wrote (C5): the hub's log up to ``seq`` of ``epoch``,
    and the batches of ``beside`` that the hub had not logged yet."""

    epoch: str
    seq: int
    beside: tuple[Known, ...] = ()


class Birth(NamedTuple):
    """A document made by this batch: ``body`` is its canonical JSON text, without ``_id``."""

    collection: Collection
    doc_id: DocId
    body: str

    def ops(self) -> Iterable[tuple[Key, Json]]:
        """The ops this text stands for: every leaf, and ∅ for every map."""
        return leaves_of(json.loads(self.body))


class Change(NamedTuple):
    """Ops on one document: of each key its value, ``TOMBSTONE``, or the amount of an increment.

    Changes of one group have the very same keys, so what these mean is found out once for all."""

    collection: Collection
    doc_id: DocId
    keys: tuple[Key, ...]
    values: tuple[Json, ...]

    @classmethod
    def of(cls, collection: Collection, doc_id: DocId, changes: Mapping[Key, Json]) -> Change:
        """The change that has some ops, in whatever order they are told."""
        keys = tuple(sorted(changes, key=key_order))
        return cls(collection, doc_id, keys, tuple(changes[key] for key in keys))

    @property
    def changes(self) -> dict[Key, Json]:
        """The ops as key → value."""
        return dict(self.ops())

    def ops(self) -> Iterable[tuple[Key, Json]]:
        return zip(self.keys, self.values, strict=True)


Delta: TypeAlias = Birth | Change


@dataclass(frozen=True, slots=True)
class Batch:
    """One transaction of one replica, by one person, with one stamp."""

    replica: ReplicaId
    n: int
    hlc: int
    user: UserId
    context: Context
    prev: str
    deltas: tuple[Delta, ...]
    origin: Origin | None = None
    """The batch this one was, before a copied file (C8) or a wrong clock (C1) had it written again:
    another copy of the file may have sent it under that name, or under a third."""
    stamp: Stamp = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stamp", Stamp(self.hlc, self.replica))

    def leaves(self, delta: Delta) -> list[tuple[Key, Leaf]]:
        """The leaves a delta of this batch merges into a state."""
        return leaves_at(self.stamp, delta.ops())


def digest_of(payload: bytes) -> str:
    """The 128-bit digest that identifies a batch together with (replica, n) (C8)."""
    return blake2b(payload, digest_size=16).hexdigest()


def encode(batch: Batch) -> bytes:
    """The bytes of a batch. The same batch always has the same bytes."""
    context = batch.context
    message: dict[str, Json] = {
        "v": FORMAT,
        "r": batch.replica,
        "n": batch.n,
        "t": batch.hlc,
        "u": batch.user,
        "p": batch.prev,
        "c": [context.epoch, context.seq, [list(item) for item in context.beside]],
        "d": pack_deltas(batch.deltas),
    }
    if batch.origin is not None:
        message["o"] = list(batch.origin)
    return canonical(message).encode()


def pack_deltas(deltas: Iterable[Delta]) -> list[Json]:
    """Deltas as JSON groups ``[collection, columns, rows]``, in order of first appearance."""
    groups: dict[tuple[str, tuple[Column, ...] | None], list[Json]] = {}
    alike: tuple[Key, ...] | None = None
    columns, places = _shape((), ())
    for delta in deltas:
        if isinstance(delta, Birth):
            groups.setdefault((delta.collection, None), []).append([delta.doc_id, delta.body])
            continue
        _, doc_id, keys, values = delta
        removes = TOMBSTONE in values
        if keys is not alike or removes:
            columns, places = _shape(keys, values)
            alike = None if removes else keys
        row = [doc_id, *[values[place] for place in places]]
        groups.setdefault((delta.collection, columns), []).append(row)
    return [
        [name, BIRTHS if shape is None else [[kind, list(path)] for kind, path in shape], rows]
        for (name, shape), rows in groups.items()
    ]


def _shape(
    keys: tuple[Key, ...], values: tuple[Json, ...]
) -> tuple[tuple[Column, ...], Sequence[int]]:
    """The columns of a change, and the places of the values that go into its row."""
    order: Sequence[int] = range(len(keys))
    if len(keys) > 1:
        order = sorted(order, key=lambda place: key_order(keys[place]))
    columns = tuple([_column(keys[place], values[place]) for place in order])
    return columns, [place for place in order if _has_value(keys[place], values[place])]


def _has_value(key: Key, value: Json) -> bool:
    return value is not TOMBSTONE and not (key and key[-1] is None)


def _column(key: Key, value: Json) -> Column:
    if is_increment(key):
        return "+", key[:-1]
    if value is TOMBSTONE:
        return "-", key
    if key and key[-1] is None:
        return "o", key[:-1]
    return "=", key
