"""A collection with TinyDB's face (L3): the same calls, on SQL rows that merge.

    >>> inventory = replica.table("inventory")                                  # doctest: +SKIP
    >>> inventory.search(where("store_id") == "store_seattle")                  # doctest: +SKIP

Documents are plain dicts with ``_id``; results are copies, so changing one changes nothing here.
Every writing call is a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tinydb.queries import QueryInstance

from sync.ids import Document
from sync.local.tinyquery import accepts, narrowed
from sync.query import EVERYTHING

if TYPE_CHECKING:
    from sync.local.replica import Replica


class Table:
    """One collection of a replica, as TinyDB users know it."""

    def __init__(self, replica: Replica, name: str) -> None:
        self._replica = replica
        self.name = name

    def insert(self, document: Document) -> str:
        """Insert one document; its ``_id``, drawn at random if it has none."""
        return self.insert_multiple([document])[0]

    def insert_multiple(self, documents: Iterable[Document]) -> list[str]:
        """Insert several documents in one transaction; their ids."""
        with self._replica.transaction() as tx:
            return [tx.insert(self.name, document) for document in documents]

    def all(self) -> list[Document]:
        """Every document, by id."""
        return list(self)

    def search(self, query: QueryInstance) -> list[Document]:
        """Every document the query accepts, by id."""
        return list(self._accepted(query))

    def get(self, query: QueryInstance | None = None, doc_id: str | None = None) -> Document | None:
        """One document: by id, or the first the query accepts; None if there is none."""
        if doc_id is not None:
            return self._replica.get(self.name, doc_id)
        return next(self._accepted(query), None)

    def contains(self, query: QueryInstance | None = None, doc_id: str | None = None) -> bool:
        """Whether ``get`` would find a document."""
        return self.get(query, doc_id) is not None

    def count(self, query: QueryInstance) -> int:
        """How many documents the query accepts."""
        return sum(1 for _ in self._accepted(query))

    def update(self, fields: Document, query: QueryInstance | None = None) -> list[str]:
        """Merge fields into every accepted document; their ids."""
        with self._replica.transaction() as tx:
            ids = self._ids(query)
            for doc_id in ids:
                tx.update(self.name, doc_id, fields)
        return ids

    def upsert(self, document: Document, query: QueryInstance | None = None) -> list[str]:
        """Update what the query accepts, or insert ``document`` if nothing is accepted."""
        fields = {name: value for name, value in document.items() if name != "_id"}
        with self._replica.transaction() as tx:
            ids = [] if query is None else self._ids(query)
            for doc_id in ids:
                tx.update(self.name, doc_id, fields)
            return ids or [tx.upsert(self.name, document)]

    def remove(self, query: QueryInstance | None = None, doc_ids: Iterable[str] = ()) -> list[str]:
        """Delete the named documents and those the query accepts; their ids."""
        with self._replica.transaction() as tx:
            found = [] if query is None else self._ids(query)
            ids = list(dict.fromkeys([*doc_ids, *found]))
            for doc_id in ids:
                tx.delete(self.name, doc_id)
        return ids

    def __len__(self) -> int:
        return self._replica.count(self.name)

    def __iter__(self) -> Iterator[Document]:
        return iter(self._replica.matching(self.name, EVERYTHING))

    def _ids(self, query: QueryInstance | None) -> list[str]:
        return [str(document["_id"]) for document in self._accepted(query)]

    def _accepted(self, query: QueryInstance | None) -> Iterator[Document]:
        condition = EVERYTHING if query is None else narrowed(query)
        for document in self._replica.matching(self.name, condition):
            if query is None or accepts(query, document):
                yield document
