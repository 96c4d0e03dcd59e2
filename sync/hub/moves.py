"""Which documents have moved across the line of a scope since some seq of the log, and when last.

A scope is judged on present copies, so what a device is told of a document depends on what comes
later in the log: this looks ahead.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.core.batch import Birth, Delta
from sync.hub.ripples import Name, Ripples
from sync.hub.scope import Scope
from sync.hub.tail import Tail
from sync.ids import Collection
from sync.local.replica import Replica

LOG_PAGE_ENTRIES_MAX = 500


class Moves:
    """Moves in one scope, from ``since`` to the head of the log when last looked."""

    def __init__(self, replica: Replica, tail: Tail, scope: Scope, since: int) -> None:
        self._lock = replica.parts.database.lock
        self._tail = tail
        self._scope = scope
        self._ripples = Ripples(replica, scope.bounds)
        self._looked = since
        self._moved: dict[Name, int] = {}
        self._born: dict[Name, int] = {}
        self._rippled: dict[int, list[Name]] = {}
        self._wide: dict[Collection, list[int]] = {}

    def look(self) -> None:
        """Read on to the head of the log."""
        with self._lock:
            while found := self._tail.since(self._looked, LOG_PAGE_ENTRIES_MAX):
                for each in found:
                    self._note(each.seq, each.batch.deltas if each.is_accepted else ())
                    self._looked = each.seq

    def _note(self, seq: int, deltas: Sequence[Delta]) -> None:
        for delta in deltas:
            name = (str(delta.collection), str(delta.doc_id))
            if isinstance(delta, Birth):
                self._born[name] = seq
            elif self._scope.moves(delta):
                self._moved[name] = seq
        ripple = self._ripples.of(self._looked, seq, deltas)
        self._moved.update(dict.fromkeys(ripple.names, seq))
        for collection in ripple.wide:
            self._wide.setdefault(collection, []).append(seq)
        if ripple.names:
            self._rippled[seq] = list(ripple.names)

    def has_moved(self, name: Name) -> bool:
        """Whether a change, of the document or of what it rests on, may have taken it in or out."""
        return name in self._moved or name[0] in self._wide

    def knows(self, name: Name) -> bool:
        """``has_moved``, or whether the document was made."""
        return name in self._moved or name in self._born or name[0] in self._wide

    def is_later(self, name: Name, seq: int) -> bool:
        """Whether something after ``seq`` may have done so."""
        wide = self._wide.get(Collection(name[0]), [0])[-1]
        return max(self._moved.get(name, 0), self._born.get(name, 0), wide) > seq

    def by_others(self, seq: int) -> Sequence[Name]:
        """The documents that the commit at ``seq`` may have moved without touching them."""
        return self._rippled.get(seq, ())

    def wide(self) -> dict[Collection, list[int]]:
        """The collections of which a commit may have moved any document, and the commits that did:
        too many to be told one by one."""
        return self._wide
