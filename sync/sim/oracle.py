"""What the rules say must come of a log, worked out the slow way (C2, C3, C4, C5).

Every leaf there ever was is kept, and each question is answered by looking at all of them. Of the
engine only the decoder of batches is used, so that the two can be held against each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sync.core.batch import Batch
from sync.core.stamps import Stamp
from sync.core.values import TOMBSTONE
from sync.ids import Document
from sync.sim.ledger import DocumentName

Key: TypeAlias = tuple[Any, ...]
Entry: TypeAlias = tuple[Stamp, Any]
Leaves: TypeAlias = dict[Key, Entry]

_NOTHING: Any = object()


@dataclass(slots=True)
class Oracle:
    """Every leaf of every document, by the accepted batches of a log."""

    documents: dict[DocumentName, Leaves] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """One more accepted batch. The larger stamp wins its path, then the larger bytes (C2)."""
        for delta in batch.deltas:
            leaves = self.documents.setdefault((delta.collection, delta.doc_id), {})
            for key, value in delta.ops():
                entry = (batch.stamp, value)
                if key not in leaves or _rank(entry) > _rank(leaves[key]):
                    leaves[key] = entry

    def visible(self, name: DocumentName) -> Document | None:
        """The document a reader must see (C3, C4), without ``_id``."""
        leaves = self.documents[name]
        standing = {key: entry for key, entry in leaves.items() if not covered(leaves, key)}
        if not any(v is not TOMBSTONE and not _counts(k) for k, (_, v) in standing.items()):
            return None
        shown = _map_at(leaves, standing, ())
        return {} if shown is _NOTHING else dict(shown)


def covered(leaves: Leaves, key: Key) -> bool:
    """Hidden from above: by a strictly newer ancestor, or absorbed by its base (C3, C4)."""
    stamp, _ = leaves[key]
    if any(leaves[key[:cut]][0] > stamp for cut in range(len(key)) if key[:cut] in leaves):
        return True
    return _counts(key) and key[:-1] in leaves and leaves[key[:-1]][0] >= stamp


def _overgrown(leaves: Leaves, key: Key) -> bool:
    """Hidden from below: by a strictly newer entry, but not by an increment of its own (C3)."""
    stamp, _ = leaves[key]
    return any(
        newer > stamp and below[: len(key)] == key and len(below) > len(key)
        for below, (newer, _) in leaves.items()
        if not (_counts(below) and below[:-1] == key)
    )


def _counts(key: Key) -> bool:
    return bool(key) and isinstance(key[-1], tuple)


def _rank(entry: Entry) -> tuple[Stamp, bytes]:
    stamp, value = entry
    if value is TOMBSTONE:
        return stamp, b""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return stamp, text.encode()


def _map_at(leaves: Leaves, standing: Leaves, path: Key) -> Any:
    names = {
        key[len(path)] for key in standing if len(key) > len(path) and key[: len(path)] == path
    }
    members = {
        name: value
        for name in sorted(name for name in names if isinstance(name, str))
        if (value := _value_at(leaves, standing, (*path, name))) is not _NOTHING
    }
    _, made = standing.get((*path, None), (None, TOMBSTONE))
    return members if members or made is not TOMBSTONE else _NOTHING


def _value_at(leaves: Leaves, standing: Leaves, path: Key) -> Any:
    inner = _map_at(leaves, standing, path)
    if inner is not _NOTHING:
        return inner
    _, value = standing.get(path, (None, TOMBSTONE))
    base = _NOTHING if value is TOMBSTONE or _overgrown(leaves, path) else value
    added = [amount for key, (_, amount) in standing.items() if _counts(key) and key[:-1] == path]
    if not added or (base is not _NOTHING and type(base) not in (int, float)):
        return base
    return (0 if base is _NOTHING else base) + sum(added)


def lost_to(leaves: Leaves, key: Key, entry: Entry) -> list[tuple[Key, Entry]]:
    """Everything that hides ``entry`` of ``key`` among ``leaves``; empty while it stands."""
    stamp, value = entry
    found = []
    for other, (newer, theirs) in leaves.items():
        if other == key:
            hides = (newer, theirs) != entry and _rank((newer, theirs)) > _rank(entry)
        elif key[: len(other)] == other:
            absorbs = _counts(key) and other == key[:-1]
            hides = newer > stamp or (absorbs and newer == stamp)
        elif other[: len(key)] == key:
            own = _counts(other) and (other[:-1] == key or not key)
            undone = value is not TOMBSTONE or theirs is not TOMBSTONE
            hides = newer > stamp and not own and undone
        else:
            continue
        if hides:
            found.append((other, (newer, theirs)))
    return found


def oracle_of(batches: Iterable[Batch]) -> Oracle:
    """The oracle of a whole log."""
    oracle = Oracle()
    for batch in batches:
        oracle.add(batch)
    return oracle
