"""Live queries (L5): a snapshot, then what changed, as often as the reader cares to look.

A commit only notes which ids it touched and wakes the reader once; the work happens in
``refresh``, on the reader's side. So a slow reader never delays a commit, and a burst of remote
changes is one refresh.
"""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sync.core.values import canonical
from sync.ids import Document
from sync.query import Node, evaluate, lookup, sort_key

_log = logging.getLogger(__name__)

Order = Sequence[tuple[tuple[str, ...], str]]
"""Sort terms: (path, "asc" or "desc"); the document id breaks ties."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between two looks at a live query; documents with ``_id``, others as ids."""

    inserted: tuple[Document, ...] = ()
    updated: tuple[Document, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.inserted or self.updated or self.removed or self.moved)


class Reader(Protocol):
    """What a live query needs of its replica."""

    def get(self, collection: str, doc_id: str) -> Document | None: ...

    def matching(self, collection: str, where: Node) -> Iterable[Document]: ...


def in_order(documents: Iterable[Document], order_by: Order) -> list[Document]:
    """Documents sorted by the terms, then by id; missing values last in ascending order."""
    ordered = sorted(documents, key=lambda document: str(document["_id"]))
    for path, direction in reversed(order_by):
        ordered.sort(
            key=lambda document, path=path: sort_key(lookup(document, path)),  # type: ignore[misc]
            reverse=direction == "desc",
        )
    return ordered


class LiveQuery:
    """One query that stays true. Made by ``Replica.live``; ``close`` it when the screen goes."""

    def __init__(
        self,
        reader: Reader,
        collection: str,
        where: Node,
        order_by: Order,
        limit: int | None,
        closed: Callable[[LiveQuery], None],
    ) -> None:
        self.collection = collection
        self._reader = reader
        self._where = where
        self._order_by = tuple(order_by)
        self._limit = limit
        self._closed = closed
        self._lock = threading.Lock()
        self._dirty: set[str] = set()
        self._wakers: list[Callable[[], None]] = []
        self._held = {str(d["_id"]): d for d in reader.matching(collection, where)}
        self._shown = self._window()

    @property
    def documents(self) -> list[Document]:
        """The result as of the last ``refresh``; copies."""
        return copy.deepcopy(self._shown)

    def on_wake(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called, on the committing thread, once until the next ``refresh``."""
        self._wakers.append(callback)

    def note(self, doc_ids: Iterable[str]) -> None:
        """A commit touched these documents. Called by the replica after the commit."""
        with self._lock:
            was_clean = not self._dirty
            self._dirty.update(doc_ids)
            wake = was_clean and bool(self._dirty)
        if wake:
            for callback in list(self._wakers):
                try:
                    callback()
                except Exception:  # the commit stands; its writer must not believe otherwise
                    _log.exception("A reader of %s could not be woken.", self.collection)

    def refresh(self) -> Changes:
        """Bring ``documents`` up to date and return what changed since the last time."""
        with self._lock:
            dirty, self._dirty = self._dirty, set()
        for doc_id in dirty:
            document = self._reader.get(self.collection, doc_id)
            if document is not None and evaluate(self._where, document):
                self._held[doc_id] = document
            else:
                self._held.pop(doc_id, None)
        before, self._shown = self._shown, self._window()
        return _difference(before, self._shown, dirty)

    def close(self) -> None:
        """Stop; no more wakes."""
        self._wakers.clear()
        self._closed(self)

    def _window(self) -> list[Document]:
        return in_order(self._held.values(), self._order_by)[: self._limit]


def _difference(before: list[Document], after: list[Document], dirty: set[str]) -> Changes:
    old = {d["_id"]: d for d in before}
    new = {d["_id"]: d for d in after}
    stayed_before = [i for i in old if i in new]
    stayed_after = [i for i in new if i in old]
    return Changes(
        inserted=tuple(copy.deepcopy(d) for i, d in new.items() if i not in old),
        updated=tuple(
            copy.deepcopy(d)
            for i, d in new.items()
            if i in old and i in dirty and canonical(old[i]) != canonical(d)
        ),
        removed=tuple(i for i in old if i not in new),
        moved=tuple(
            after_id
            for before_id, after_id in zip(stayed_before, stayed_after, strict=True)
            if before_id != after_id
        ),
    )
