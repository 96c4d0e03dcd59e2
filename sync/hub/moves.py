"""Which documents have moved across the line of a scope since some seq of the log, and when last.

A scope is judged on present copies, so what a device is told of a document depends on what comes
later in the log: this looks ahead.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.core.batch import Birth
from sync.core.decode import decode
from sync.hub.ripples import Name, Ripples
from sync.hub.scope import Scope
from sync.ids import Collection
from sync.local.replica import Replica

LOG_PAGE_ENTRIES_MAX = 500


class Moves:
    """Moves in one scope, from ``since`` to the head of the log when last looked."""

    def __init__(self, replica: Replica, scope: Scope, since: int) -> None:
        self._log = replica.parts.log
        self._scope = scope
        self._ripples = Ripples(replica, scope.bounds)
        self._looked = since
        self._moved: dict[Name, int] = {}
        self._born: dict[Name, int] = {}
        self._rippled: dict[int, list[Name]] = {}
        self._wide: dict[Collection, list[int]] = {}

    def look(self) -> None:
        """Read on to the head of the log."""
        while entries := self._log.since(self._looked, LOG_PAGE_ENTRIES_MAX):
            for entry in entries:
                deltas = decode(entry.payload).deltas if entry.status == "accepted" else ()
                for delta in deltas:
                    name = (str(delta.collection), str(delta.doc_id))
                    if isinstance(delta, Birth):
                        self._born[name] = entry.seq
                    elif self._scope.moves(delta):
                        self._moved[name] = entry.seq
                ripple = self._ripples.of(self._looked, entry.seq, deltas)
                self._moved.update(dict.fromkeys(ripple.names, entry.seq))
                for collection in ripple.wide:
                    self._wide.setdefault(collection, []).append(entry.seq)
                if ripple.names:
                    self._rippled[entry.seq] = list(ripple.names)
                self._looked = entry.seq

    def has_moved(self, name: Name) -> bool:
        """Whether a change, of the document or of what it rests on, may have taken it in or out."""
        return name in self._moved or name[0] in self._wide

    def is_later(self, name: Name, seq: int) -> bool:
        """Whether something after ``seq`` may have done so."""
        wide = self._wide.get(Collection(name[0]), [0])[-1]
        return max(self._moved.get(name, 0), self._born.get(name, 0), wide) > seq

    def by_others(self, seq: int) -> Iterable[Name]:
        """The documents that the commit at ``seq`` may have moved without touching them."""
        return self._rippled.get(seq, ())

    def wide(self) -> dict[Collection, list[int]]:
        """The collections of which a commit may have moved any document, and the commits that did:
        too many to be told one by one."""
        return self._wide
