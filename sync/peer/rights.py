"""What peers may hold and write, by rights that somebody else decides (S3, S4).

The rules stand elsewhere, so they come in as a function of an identity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final, NamedTuple, Protocol, TypeAlias, cast

from sync.core.batch import Batch, Change, Delta
from sync.core.state import ROOT, Key, is_increment
from sync.ids import Collection, Document
from sync.local.documents import Row
from sync.local.merging import Planned
from sync.local.parts import Parts
from sync.peer.access import States, Write
from sync.peer.identity import Identity
from sync.query.nodes import Path
from sync.query.related import After, Related
from sync.query.related import Change as Moved

_NOTHING: Final = object()
"""What a field is in a document without it."""
_ID: Final[Path] = ("_id",)


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

    def __init__(
        self, parts: Parts, planned: Iterable[Planned], settle: Callable[[], None] | None = None
    ) -> None:
        """``settle`` brings into the tables what is in none yet."""
        self._related = parts.related
        self._planned = list(planned)
        self._settle = settle

    @cached_property
    def before(self) -> Related:
        """Without it."""
        if self._settle is not None:
            self._settle()
        return self._related

    @cached_property
    def after(self) -> Related:
        """With all of it: an order and its items come in one batch."""
        changes: dict[Collection, dict[str, Moved]] = {}
        for item in self._planned:
            documents = _shown(item.doc_id, item.held), _shown(item.doc_id, item.after)
            changes.setdefault(Collection(item.collection), {})[item.doc_id] = documents
        return After(self.before, self._related.lookups.found, changes)


class Effect(NamedTuple):
    """What a batch does to one document, and its fields before and after, a delete ignored."""

    item: Planned
    before: Document | None
    after: Document | None


def effects_of(planned: Iterable[Planned]) -> list[Effect]:
    """Each document of a plan with its fields."""
    effects: list[Effect] = []
    for item in planned:
        before = fields_of(item.doc_id, item.held)
        after = before if item.row is None else fields_of(item.doc_id, item.row)
        effects.append(Effect(item, before, after))
    return effects


def judge_writes(rights: Rights, batch: Batch, effects: Iterable[Effect], states: States) -> None:
    """Raise a ``Rejection`` unless the author may do all of this on our copy (S3)."""
    for write in writes_of(batch, effects):
        rights.judge_write(write, states)


def writes_of(batch: Batch, effects: Iterable[Effect]) -> Iterator[Write]:
    """What a batch does, document by document. A removed document that comes back is made again."""
    deltas: dict[tuple[str, str], list[Delta]] = {}
    for delta in batch.deltas:
        deltas.setdefault((delta.collection, delta.doc_id), []).append(delta)
    for effect in effects:
        yield from _writes(effect, deltas[effect.item.collection, effect.item.doc_id])


def _writes(effect: Effect, deltas: list[Delta]) -> Iterator[Write]:
    item, before, after = effect
    name = Collection(item.collection)
    touched = {*differing(before or {}, after or {})}
    removes = False
    for delta in deltas:
        keys = delta.keys if isinstance(delta, Change) else [key for key, _ in delta.ops()]
        touched.update([_path(key) for key in keys if key and key[-1] is not None])
        removes = removes or (isinstance(delta, Change) and ROOT in keys)
    touched.discard(_ID)
    was, will = _is_there(item.held), _is_there(item.after)
    if removes:
        yield Write("delete", name, before, None)
        if not touched:
            return
    yield Write("create" if will and not was else "change", name, before, after, frozenset(touched))


def _path(key: Key) -> Path:
    """The field that an op writes."""
    return cast(Path, key[:-1] if is_increment(key) else key)


def differing(one: Document, other: Document, at: Path = ()) -> Iterator[Path]:
    """The fields that are not the same in two documents; of maps, what is within."""
    for key in {**one, **other}:
        mine, theirs = one.get(key, _NOTHING), other.get(key, _NOTHING)
        kind = type(mine)
        if kind is not dict and kind is type(theirs) and mine == theirs:
            continue
        if isinstance(mine, dict) and isinstance(theirs, dict):
            yield from differing(mine, theirs, (*at, key))
        elif mine is _NOTHING and isinstance(theirs, dict) and theirs:
            yield from differing({}, theirs, (*at, key))
        elif theirs is _NOTHING and isinstance(mine, dict) and mine:
            yield from differing(mine, {}, (*at, key))
        else:
            yield (*at, key)


def fields_of(doc_id: str, row: Row | None) -> Document | None:
    """The fields a row shows, or showed before it was deleted (S3), with the id."""
    fields = None if row is None else row.undeleted
    return None if fields is None else {"_id": doc_id, **fields}


def _shown(doc_id: str, row: Row | None) -> Document | None:
    return fields_of(doc_id, row) if _is_there(row) else None


def _is_there(row: Row | None) -> bool:
    return row is not None and row.body is not None
