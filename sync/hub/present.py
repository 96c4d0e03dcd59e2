"""Documents as they are now, and whether they are in a scope; each looked at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sync.core.batch import Batch
from sync.ids import Collection, Document
from sync.local.documents import Row
from sync.local.parts import Parts

if TYPE_CHECKING:
    from sync.hub.scope import Scope

_Name = tuple[str, str]

COPIES_MAX = 10_000
"""Documents kept, until the file is written to."""


class Copies:
    """The hub's copies of documents, read and taken apart once for all who look before the file is
    written to again. Call its methods with the lock of the database held, first of all ``look``."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._documents = parts.documents
        self._identity = parts.identity
        self._read_at = (-1, -1)
        self._rows: dict[_Name, Row | None] = {}
        self._fields: dict[_Name, Document | None] = {}

    def read(self, collection: Collection, ids: Sequence[str]) -> None:
        """Read documents that will be asked for, by one statement."""
        wanted = [each for each in ids if (collection, each) not in self._rows]
        if wanted:
            found = self._documents.rows(collection, wanted)
            self._rows.update(((collection, each), found.get(each)) for each in wanted)

    def row(self, name: _Name) -> Row | None:
        """The row of a document, if it has one."""
        if name not in self._rows:
            collection, doc_id = name
            self._rows[name] = self._documents.of(collection, doc_id)
        return self._rows[name]

    def document(self, name: _Name) -> Document | None:
        """A document with its ``_id``, a delete ignored (S3)."""
        row = self.row(name)
        if name not in self._fields:
            fields = None if row is None else row.undeleted
            self._fields[name] = None if fields is None else {"_id": name[1], **fields}
        return self._fields[name]

    def look(self) -> None:
        """Forget what may not be so any more."""
        now = (self._identity.seq, self._database.writes)
        if self._read_at != now or len(self._rows) > COPIES_MAX:
            self._read_at, self._rows, self._fields = now, {}, {}


class Present:
    """Holds for as long as nobody commits: whoever has one holds the lock of the database."""

    def __init__(self, scope: Scope, copies: Copies, batches: Iterable[Batch] = ()) -> None:
        """The documents that ``batches`` touch are read at once."""
        self._scope = scope
        self._copies = copies
        self._inside: dict[_Name, bool] = {}
        copies.look()
        ids: dict[Collection, dict[str, None]] = {}
        for batch in batches:
            for delta in batch.deltas:
                if delta.collection in scope.bounds.collections:
                    ids.setdefault(delta.collection, {})[delta.doc_id] = None
        for collection, wanted in ids.items():
            copies.read(collection, list(wanted))

    def row(self, collection: Collection, doc_id: str) -> Row | None:
        """The row of a document, if it has one."""
        return self._copies.row((collection, doc_id))

    def holds(self, collection: Collection, doc_id: str) -> bool:
        """Whether a document is in the scope, a delete ignored (S3)."""
        name = (collection, doc_id)
        inside = self._inside.get(name)
        if inside is None:
            document = self._copies.document(name)
            inside = document is not None and self._scope.selects(collection, document)
            self._inside[name] = inside
        return inside
