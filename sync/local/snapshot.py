"""A read-only transaction: one state of the data, whatever is committed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Final

from sync.errors import SnapshotTooOld
from sync.ids import Document, Json
from sync.local.documents import Documents
from sync.local.parts import Parts
from sync.local.result import Result
from sync.local.statements import Statements

SNAPSHOT_DOCUMENTS_MAX: Final = 50_000
"""Documents that may change under a snapshot: what they were is kept in memory for it."""


class Snapshot:
    """Made by ``replica.transaction(read_only=True)``; for ``with`` and ``async with``.

    Nobody waits for it: a commit that changes a document notes what it was before."""

    def __init__(self, parts: Parts, statements: Statements) -> None:
        self._parts = parts
        self._statements = statements
        self._before: dict[str, dict[str, Document | None]] = {}
        self._count = 0

    def __enter__(self) -> Snapshot:
        with self._parts.database.lock:
            self._parts.documents.watchers.append(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._parts.database.lock:
            self._parts.documents.watchers.remove(self)

    async def __aenter__(self) -> Snapshot:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)

    def execute(self, text: str, args: Mapping[str, Json] | None = None) -> Result:
        """Carry out one DQL statement that changes nothing; ``ReadOnly`` for any other."""
        with self._parts.database.lock:
            self._check()
            return self._statements.reading(text, args, self._before)

    def get(self, collection: str, doc_id: str) -> Document | None:
        """One document as it was; a copy."""
        with self._parts.database.lock:
            self._check()
            held = self._before.get(collection, {})
            if doc_id in held:
                return held[doc_id]
            return self._parts.documents.get(collection, doc_id)

    def before(self, documents: Documents, collection: str, ids: list[str]) -> None:
        """Documents are about to change: note what they are."""
        held = self._before.setdefault(collection, {})
        new = [doc_id for doc_id in ids if doc_id not in held]
        self._count += len(new)
        if self._count > SNAPSHOT_DOCUMENTS_MAX:
            self._before.clear()
            return
        for doc_id in new:
            held[doc_id] = documents.get(collection, doc_id)

    def _check(self) -> None:
        if self._count > SNAPSHOT_DOCUMENTS_MAX:
            raise SnapshotTooOld(
                f"More than {SNAPSHOT_DOCUMENTS_MAX} documents changed since the transaction began."
            )
