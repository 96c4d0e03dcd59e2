"""Live queries (L5): the documents of one collection that meet a condition, kept true.

An ``Observer`` whose answer is made of conditions rather than of a statement.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from sync.ids import Document
from sync.local.commits import Commit
from sync.local.documents import Documents
from sync.local.observer import Observer
from sync.query import Node, evaluate, lookup, sort_key
from sync.query.difference import Keyed

Order = Sequence[tuple[tuple[str, ...], str]]
"""Sort terms: (path, "asc" or "desc"); the document id breaks ties."""


def in_order(documents: Iterable[Document], order_by: Order) -> list[Document]:
    """Documents sorted by the terms, then by id; missing values last in ascending order."""
    ordered = sorted(documents, key=lambda document: str(document["_id"]))
    for path, direction in reversed(order_by):
        ordered.sort(
            key=lambda document, path=path: sort_key(lookup(document, path)),  # type: ignore[misc]
            reverse=direction == "desc",
        )
    return ordered


class Matching:
    """The documents that meet a condition; ``observer.Answer``. It is concerned by every change of
    its collection: it holds what it needs to know what is new."""

    judges = False

    def __init__(
        self, documents: Documents, collection: str, where: Node, order_by: Order, limit: int | None
    ) -> None:
        self.collections = frozenset((collection,))
        self._collection = collection
        self._documents = documents
        self._where = where
        self._order_by = tuple(order_by)
        self._limit = limit
        self._lock = threading.Lock()
        self._dirty: set[str] = set()
        self._held = {d["_id"]: (d["_id"], d) for d in documents.find(collection, where)}

    def note(self, commit: Commit) -> bool:
        """Which documents to look at again."""
        with self._lock:
            self._dirty.update(commit.changed[self._collection])
        return True

    def rows(self) -> Sequence[Keyed]:
        """The documents by their ids, in order."""
        with self._lock:
            dirty, self._dirty = self._dirty, set()
        for doc_id in dirty:
            document = self._documents.get(self._collection, doc_id)
            if document is not None and evaluate(self._where, document):
                self._held[doc_id] = doc_id, document
            else:
                self._held.pop(doc_id, None)
        ordered = in_order((document for _, document in self._held.values()), self._order_by)
        return [self._held[document["_id"]] for document in ordered[: self._limit]]


class LiveQuery(Observer):
    """Made by ``Replica.live``; ``close`` it when the screen goes."""

    @property
    def documents(self) -> list[Document]:
        """The result as of the last ``refresh``; copies."""
        return self.items

    def close(self) -> None:
        """Stop; no more wakes."""
        self.cancel()
