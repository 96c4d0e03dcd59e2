"""How the writes of one transaction to one document become ops in normal form (C7).

A draft holds the document as it was and as the transaction has made it. ``ops`` compares the two:
every touched path with its final value (equal values included), an increment per counted path, and
a tombstone for each leaf visible before and not after, unless something written here hides it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from sync.core.state import EXISTS, ROOT, IncrementId, Key, key_order, leaves_of
from sync.core.values import (
    TOMBSTONE,
    VALUE_DEPTH_MAX,
    check_int,
    check_key,
    check_value,
    describe,
    is_number,
)
from sync.errors import DocumentExists, DocumentMissing, InvalidPath, InvalidValue
from sync.ids import Document, Json

Path: TypeAlias = tuple[str, ...]


class Draft:
    """One document inside one transaction. Not thread-safe; lives as long as the transaction."""

    def __init__(self, before: Document | None, working: Document | None) -> None:
        """``before`` and ``working`` are equal copies of the visible document, without ``_id``."""
        self._before = before
        self.working = working
        self._touched: set[Key] = set()
        self._increments: dict[Path, int] = {}

    def insert(self, fields: Document) -> None:
        """Create the document; ``DocumentExists`` if it is visible."""
        if self.working is not None:
            raise DocumentExists("A document with this _id exists already.")
        _check_fields(fields)
        self.working = {}
        self._touched.add(EXISTS)
        self._merge_map(self.working, fields, ())

    def update(self, fields: Document) -> None:
        """Set fields; an object merges into the map that is there (C3)."""
        _check_fields(fields)
        self._merge_map(self._existing(), fields, ())

    def unset(self, path: Path) -> None:
        """Remove a field, or a whole map with everything in it. Absent fields are no error."""
        holder = self._holder(path, create=False)
        if holder is not None and path[-1] in holder:
            del holder[path[-1]]
            self._forget_increments(path)

    def increment(self, path: Path, by: int) -> None:
        """Count ``by`` (may be negative) on a number or an absent field (C4)."""
        check_int(by)
        holder = self._holder(path, create=True)
        current = holder.get(path[-1], 0)
        if not is_number(current):
            raise InvalidValue(f"{'.'.join(path)} holds no number to count on.")
        total, amount = current + by, self._increments.get(path, 0) + by
        check_value(total)
        check_int(amount)
        if path[-1] not in holder and _has(self._before, path):
            self._touched.add(path)  # removed in this transaction: what was counted is gone
        holder[path[-1]] = total
        if path not in self._touched:
            self._increments[path] = amount

    def restart(self, path: Path, value: int) -> None:
        """Start a counter anew: a physical count (C4)."""
        check_int(value)
        self._set(self._holder(path, create=True), path, value)

    def delete(self) -> None:
        """Remove the document; what is concurrent and newer revives it (C3)."""
        self._existing()
        self.working = None
        self._touched.clear()
        self._increments.clear()

    def is_changed(self) -> bool:
        """Whether anything was written to the document."""
        return bool(self._touched or self._increments) or self._before != self.working

    def is_birth(self) -> bool:
        """Whether the ops are exactly the leaves of a new document."""
        return self._before is None and self.working is not None and not self._increments

    def ops(self, increment_id: IncrementId) -> dict[Key, Json]:
        """The normal form, in ``key_order``; empty when nothing was touched."""
        if self.working is None:
            return {ROOT: TOMBSTONE} if self._before is not None else {}
        after = dict(leaves_of(self.working))
        ops = {key: after[key] for key in self._touched if key in after}
        gone = [] if self._before is None else [k for k, _ in leaves_of(self._before)]
        written = {key[:cut] for key in ops for cut in range(len(key))}
        for key in gone:
            hidden = key in written or any(key[:cut] in ops for cut in range(len(key)))
            if key not in after and not hidden:
                ops[key] = TOMBSTONE
        for path, amount in self._increments.items():
            ops[(*path, increment_id)] = amount
        return {key: ops[key] for key in sorted(ops, key=key_order)}

    def _existing(self) -> Document:
        if self.working is None:
            raise DocumentMissing("This replica has no document with this _id.")
        return self.working

    def _merge_map(self, target: Document, fields: Document, path: Path) -> None:
        for name, value in fields.items():
            here = (*path, name)
            if isinstance(value, dict):
                self._merge_map(self._map_at(target, here), value, here)
            else:
                self._set(target, here, value)

    def _map_at(self, holder: Document, path: Path) -> Document:
        """The map at ``path``, made (with its ∅) where there is none."""
        inner = holder.get(path[-1])
        if not isinstance(inner, dict):
            self._forget_increments(path)
            inner = holder[path[-1]] = {}
            self._touched.add((*path, None))
        return inner

    def _set(self, holder: Document, path: Path, value: Json) -> None:
        self._forget_increments(path)
        holder[path[-1]] = value
        self._touched.add(path)

    def _holder(self, path: Path, *, create: bool) -> Any:
        """The map that holds the last step of ``path``; None if absent and not to be made."""
        if not isinstance(path, tuple) or not path or path[0] == "_id":
            raise InvalidPath(f"{describe(path)} is not a path of a field that can change.")
        if len(path) > VALUE_DEPTH_MAX:
            raise InvalidPath(f"A path has at most {VALUE_DEPTH_MAX} steps, not {len(path)}.")
        for step in path:
            check_key(step)
        holder = self._existing()
        for depth in range(1, len(path)):
            if create:
                holder = self._map_at(holder, path[:depth])
            else:
                inner = holder.get(path[depth - 1])
                if not isinstance(inner, dict):
                    return None
                holder = inner
        return holder

    def _forget_increments(self, path: Path) -> None:
        for counted in [p for p in self._increments if p[: len(path)] == path]:
            del self._increments[counted]


def _check_fields(fields: Document) -> None:
    if "_id" in fields:
        raise InvalidPath("A document's _id never changes.")
    check_value(fields)


def _has(document: Document | None, path: Path) -> bool:
    """Whether ``path`` was visible."""
    value: Json = document
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True
