"""What peers may hold and write, by rights that somebody else decides (S3, S4).

The rules stand elsewhere, so they come in as a function of an identity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final, Protocol, TypeAlias

from sync.core import batch as batches
from sync.core.batch import Batch, Delta
from sync.core.state import ROOT, Key, is_increment
from sync.ids import Collection, Document
from sync.local.documents import Row
from sync.local.merging import Planned
from sync.local.parts import Parts
from sync.peer.access import States, Write
from sync.peer.identity import Identity
from sync.query.nodes import Path
from sync.query.related import After, Change, Related

_NOTHING: Final = object()
"""What a soft delete and a restore write."""


class Rights(Protocol):
    """What one person may do with one document."""

    def may_read(self, document: Document, collection: str, related: Related = ...) -> bool:
        """Whether they may hold this document."""
        ...

    def judge_write(self, write: Write, states: States | None = None) -> None:
        """Raise ``PermissionDenied`` or ``OutOfScope`` unless they may write this."""
        ...


RightsOf: TypeAlias = Callable[[Identity], Rights]


class BatchStates:
    """What SELECTs within rules yield before a batch, and with all of it taken in; worked out where
    a rule has any."""

    def __init__(self, parts: Parts, planned: Iterable[Planned]) -> None:
        self.before: Related = parts.related
        self._find = parts.related.lookups.found
        self._planned = list(planned)

    @cached_property
    def after(self) -> Related:
        """With all of it: an order and its items come in one batch."""
        changes: dict[Collection, dict[str, Change]] = {}
        for item in self._planned:
            documents = _shown(item.doc_id, item.held), _shown(item.doc_id, item.after)
            changes.setdefault(Collection(item.collection), {})[item.doc_id] = documents
        return After(self.before, self._find, changes)


def judge_writes(rights: Rights, batch: Batch, planned: Iterable[Planned], states: States) -> None:
    """Raise a ``Rejection`` unless the author may do all of this on our copy (S3)."""
    for write in writes_of(batch, planned):
        rights.judge_write(write, states)


def writes_of(batch: Batch, planned: Iterable[Planned]) -> Iterator[Write]:
    """What a batch does, document by document. A removed document that comes back is made again."""
    deltas: dict[tuple[str, str], list[Delta]] = {}
    for delta in batch.deltas:
        deltas.setdefault((delta.collection, delta.doc_id), []).append(delta)
    for item in planned:
        yield from _writes(item, deltas[item.collection, item.doc_id])


def _writes(item: Planned, deltas: list[Delta]) -> Iterator[Write]:
    name = Collection(item.collection)
    before, after = fields_of(item.doc_id, item.held), fields_of(item.doc_id, item.after)
    keys = (key for delta in deltas for key, _ in delta.ops())
    written = {_path(key) for key in keys if key and key[-1] is not None}
    touched = frozenset(written | set(differing(before or {}, after or {}))) - {("_id",)}
    was, will = _is_there(item.held), _is_there(item.after)
    removes = any(isinstance(each, batches.Change) and ROOT in each.keys for each in deltas)
    if removes:
        yield Write("delete", name, before, None)
        if not touched:
            return
    yield Write("create" if will and not was else "change", name, before, after, touched)


def _path(key: Key) -> Path:
    """The field that an op writes."""
    return tuple(str(step) for step in (key[:-1] if is_increment(key) else key))


def differing(one: Document, other: Document, at: Path = ()) -> Iterator[Path]:
    """The fields that are not the same in two documents; of maps, what is within."""
    for key in {**one, **other}:
        mine, theirs = one.get(key, _NOTHING), other.get(key, _NOTHING)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            yield from differing(mine, theirs, (*at, key))
        elif mine is _NOTHING and isinstance(theirs, dict) and theirs:
            yield from differing({}, theirs, (*at, key))
        elif theirs is _NOTHING and isinstance(mine, dict) and mine:
            yield from differing(mine, {}, (*at, key))
        elif type(mine) is not type(theirs) or mine != theirs:
            yield (*at, key)


def fields_of(doc_id: str, row: Row | None) -> Document | None:
    """The fields a row shows, or showed before it was deleted (S3), with the id."""
    fields = None if row is None else row.undeleted
    return None if fields is None else {"_id": doc_id, **fields}


def _shown(doc_id: str, row: Row | None) -> Document | None:
    return fields_of(doc_id, row) if _is_there(row) else None


def _is_there(row: Row | None) -> bool:
    return row is not None and row.body is not None
