"""What a commit changed, for those who follow documents: which, and what they were and are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, TypeAlias

from sync.ids import Document
from sync.local.documents import Documents, Row

JUDGED_DOCUMENTS_MAX: Final = 64
"""Documents of one commit and collection that followers look at before they wake; more are taken
for a change that concerns everybody, because looking would hold up the commit."""

Changed: TypeAlias = Mapping[str, set[str]]
Pair: TypeAlias = tuple[str, Document | None, Document | None]


class Before:
    """Notes what documents were before they change; ``documents.Watcher``."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._collections: frozenset[str] = frozenset()
        self._rows: dict[str, dict[str, Row | None]] = {}

    def watch(self, collections: frozenset[str]) -> None:
        """From here on note the documents of these collections, and of no others."""
        watchers = self._documents.watchers
        if collections and self not in watchers:
            watchers.append(self)
        elif not collections and self in watchers:
            watchers.remove(self)
        self._collections = collections

    def before(self, documents: Documents, collection: str, ids: list[str]) -> None:
        """Documents are about to change."""
        if collection not in self._collections:
            return
        held = self._rows.setdefault(collection, {})
        new = [doc_id for doc_id in ids if doc_id not in held]
        if len(held) + len(new) <= JUDGED_DOCUMENTS_MAX:
            found = documents.rows(collection, new)
            held.update((doc_id, found.get(doc_id)) for doc_id in new)

    def take(self) -> dict[str, dict[str, Row | None]]:
        """What was noted since the last time. It may be another commit's that comes next: what that
        one then misses counts as not known."""
        taken, self._rows = self._rows, {}
        return taken

    def forget(self) -> None:
        """The transaction was rolled back, or nobody asks what it changed."""
        self._rows = {}


class Commit:
    """One commit: the ids of what it changed, and documents as somebody asks for them."""

    def __init__(self, changed: Changed, before: Before, documents: Documents) -> None:
        self.changed = changed
        self._before = before.take()
        self._documents = documents
        self._pairs: dict[str, list[Pair] | None] = {}

    def pairs(self, collection: str) -> list[Pair] | None:
        """The changed documents as they were and are; None if that is not known of all of them."""
        if collection not in self._pairs:
            self._pairs[collection] = self._read(collection)
        return self._pairs[collection]

    def _read(self, collection: str) -> list[Pair] | None:
        ids, before = self.changed.get(collection, set()), self._before.get(collection, {})
        if len(ids) > JUDGED_DOCUMENTS_MAX or any(doc_id not in before for doc_id in ids):
            return None
        now = self._documents.rows(collection, list(ids))
        return [(i, _shown(i, before[i]), _shown(i, now.get(i))) for i in ids]


def _shown(doc_id: str, row: Row | None) -> Document | None:
    return None if row is None or row.body is None else {"_id": doc_id, **json.loads(row.body)}
