"""Whether replicas hold the same: a hash per collection and replica, and the first difference.

Compared is what every device of one store holds, so what is missing on one side is a difference
too. The hash is over the full state, stamps included; equal stamps mean equal futures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from app.domain.collections import CUSTOMERS, HOUSEKEEPING, SYNCED
from sync.query import EVERYTHING, Equals

if TYPE_CHECKING:
    from sync.local import Replica
    from sync.query import Node

OWN_STORE: Final = frozenset({"users", "devices", "inventory", "orders", "order_items"})
"""Collections of which a device of a store holds at least that store's documents."""

WHOLE: Final = tuple(f"SELECT * FROM {name}" for name in SYNCED)
"""What devices that are to be compared subscribe to: all that their person may read. By default a
worker's device holds other documents than a rep's."""

FOLLOWING: Final = HOUSEKEEPING | {"label_code", "last_counted"}
"""Fields that change with another one; shown as the difference only when nothing else differs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where replicas differ; ``values`` by replica. No value means no document."""

    collection: str
    doc_id: str
    field: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection: how many documents, and the hash each replica makes of them."""

    name: str
    documents: int
    hashes: Mapping[str, str]

    @property
    def equal(self) -> bool:
        """Whether all hashes are the same."""
        return len(set(self.hashes.values())) <= 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """The hashes of every collection."""

    collections: tuple[Collection, ...]
    first_difference: Difference | None

    @property
    def converged(self) -> bool:
        """Whether all replicas hold the same."""
        return all(each.equal for each in self.collections)

    @property
    def documents(self) -> int:
        """How many documents were compared."""
        return sum(each.documents for each in self.collections)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        difference = self.first_difference
        return {
            "converged": self.converged,
            "hashes": {each.name: dict(each.hashes) for each in self.collections},
            "documents": {each.name: each.documents for each in self.collections},
            "first_difference": asdict(difference) if difference else None,
        }


class Digests:
    """Hashes of one replica, document by document; only rows that changed are hashed again."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._known: dict[tuple[str, str], tuple[int, str]] = {}

    def digest(self, name: str, ids: Sequence[str]) -> str:
        """A hash over the full state of these documents."""
        rows = self._replica.parts.documents.rows(name, ids)
        total = blake2b(digest_size=16)
        for doc_id in sorted(ids):
            mark = hash(rows.get(doc_id))
            known = self._known.get((name, doc_id))
            if known is None or known[0] != mark:
                known = self._known[name, doc_id] = mark, self._replica.digest(name, [doc_id])
            total.update(known[1].encode())
        return total.hexdigest()


def compare(
    replicas: Mapping[str, Replica], store_id: str, names: Sequence[str] = SYNCED
) -> Comparison:
    """Compare what devices of this store hold, collection by collection."""
    collections, first = [], None
    for name in names:
        collection = compare_collection(replicas, store_id, name)
        collections.append(collection)
        if first is None and not collection.equal:
            first = first_difference(replicas, store_id, name)
    return Comparison(tuple(collections), first)


def compare_collection(
    replicas: Mapping[str, Replica],
    store_id: str,
    name: str,
    digests: Mapping[str, Digests] | None = None,
) -> Collection:
    """The hashes of one collection; those that ``digests`` remember, when it is asked often."""
    ids = {each: _ids(replica, store_id, name) for each, replica in replicas.items()}
    hashes = {
        each: digests[each].digest(name, ids[each]) if digests else replica.digest(name, ids[each])
        for each, replica in replicas.items()
    }
    return Collection(name, max(len(held) for held in ids.values()), hashes)


def first_difference(
    replicas: Mapping[str, Replica], store_id: str, name: str
) -> Difference | None:
    """The first document, by id, that differs, and its first field that matters."""
    ids = {doc_id for each in replicas.values() for doc_id in _ids(each, store_id, name)}
    for doc_id in sorted(ids):
        if len({replica.digest(name, [doc_id]) for replica in replicas.values()}) > 1:
            return _difference(replicas, name, doc_id)
    return None


def _difference(replicas: Mapping[str, Replica], name: str, doc_id: str) -> Difference:
    documents = {each: replica.get(name, doc_id) for each, replica in replicas.items()}
    if any(document is None for document in documents.values()):
        held = {each: "here" if found else None for each, found in documents.items()}
        return Difference(name, doc_id, "", held)
    flat = {each: _flat(document) for each, document in documents.items()}
    paths = {path for fields in flat.values() for path in fields}
    for path in sorted(paths, key=lambda path: (path in FOLLOWING, path)):
        values = {each: fields.get(path) for each, fields in flat.items()}
        if len({repr(value) for value in values.values()}) > 1:
            return Difference(name, doc_id, path, values)
    stamps = {each: replica.digest(name, [doc_id])[:8] for each, replica in replicas.items()}
    return Difference(name, doc_id, "stamps", stamps)


def _ids(replica: Replica, store_id: str, name: str) -> list[str]:
    return [str(document["_id"]) for document in replica.find(name, _shared(name, store_id))]


def _shared(name: str, store_id: str) -> Node:
    if name == CUSTOMERS:
        return Equals(("primary_store_id",), store_id)
    return Equals(("store_id",), store_id) if name in OWN_STORE else EVERYTHING


def _flat(document: Any, path: str = "") -> dict[str, Any]:
    """Scalar fields by dotted path, for people; arrays count as one value."""
    if not isinstance(document, dict):
        return {path: document}
    flat: dict[str, Any] = {}
    for key, value in document.items():
        flat |= _flat(value, f"{path}.{key}" if path else str(key))
    return flat
