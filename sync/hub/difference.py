"""What a device lacks, and what it holds for no reason, when its scope changes (S4).

The device has read the log up to some seq under the old bounds. So it holds what lies within them
and did not move across their line since; whatever happened since, the log tells it under the new
bounds. Only documents of which either cannot be said are sent, or sent away.
"""

from __future__ import annotations

from collections.abc import Iterator

from sync.hub.moves import Moves
from sync.hub.scope import PAGE_BYTES_MAX, Scope
from sync.hub.tail import Tail
from sync.ids import Collection
from sync.local.documents import Row
from sync.local.replica import Replica
from sync.wire.messages import Docs, Gone


class Difference:
    """Between two scopes of a device that has read up to ``since``."""

    def __init__(self, replica: Replica, tail: Tail, old: Scope, new: Scope, since: int) -> None:
        self._parts = replica.parts
        self._old = old
        self._new = new
        self._moves = Moves(replica, tail, old, since)

    def collections(self) -> list[Collection]:
        """Where the two scopes are not the same, or any document may have moved."""
        self._moves.look()
        old, new = self._old.bounds, self._new.bounds
        names = {*self._old.collections(), *self._new.collections()}
        wide = self._moves.wide()
        return sorted(name for name in names if name in wide or not old.is_same_in(name, new))

    def pages(self, limit: int) -> Iterator[Docs | Gone]:
        """Everything that has to be told, ``limit`` rows looked at in between."""
        for collection in self.collections():
            after, more = "", True
            while more:
                with self._parts.database.lock:  # no commit between the rows and what moved
                    self._moves.look()
                    rows = self._parts.documents.page(collection, after, limit, PAGE_BYTES_MAX)
                    found = self._told(collection, rows)
                yield from found
                after = rows[-1][0] if rows else ""
                more = after != ""

    def _told(self, collection: Collection, rows: list[tuple[str, Row]]) -> list[Docs | Gone]:
        whole: list[tuple[str, Row]] = []
        gone: list[str] = []
        for doc_id, row in rows:
            was = self._old.holds(collection, doc_id, row)
            moved = self._moves.has_moved((str(collection), doc_id))
            if self._new.holds(collection, doc_id, row):
                if not was or moved:
                    whole.append((doc_id, row))
            elif was or moved:
                gone.append(doc_id)
        found: list[Docs | Gone] = [self._new.docs(collection, whole)] if whole else []
        return [*found, Gone(collection, tuple(gone))] if gone else found
