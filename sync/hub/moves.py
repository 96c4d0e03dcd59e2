"""Which documents have moved across the line of a scope since some seq of the log, and when last.

A scope is judged on present copies, so what a device is told of a document depends on what comes
later in the log: this looks ahead.
"""

from __future__ import annotations

from sync.core.batch import Birth
from sync.core.decode import decode
from sync.hub.scope import Scope
from sync.local.replica import Replica

LOG_PAGE_ENTRIES_MAX = 500

Name = tuple[str, str]


class Moves:
    """Moves in one scope, from ``since`` to the head of the log when last looked."""

    def __init__(self, replica: Replica, scope: Scope, since: int) -> None:
        self._log = replica.parts.log
        self._scope = scope
        self._looked = since
        self._moved: dict[Name, int] = {}
        self._born: dict[Name, int] = {}

    def look(self) -> None:
        """Read on to the head of the log."""
        while entries := self._log.since(self._looked, LOG_PAGE_ENTRIES_MAX):
            for entry in entries:
                self._looked = entry.seq
                for delta in decode(entry.payload).deltas if entry.status == "accepted" else ():
                    name = (str(delta.collection), str(delta.doc_id))
                    if isinstance(delta, Birth):
                        self._born[name] = entry.seq
                    elif self._scope.moves(delta):
                        self._moved[name] = entry.seq

    def has_moved(self, name: Name) -> bool:
        """Whether a change of the document may have taken it in or out."""
        return name in self._moved

    def is_later(self, name: Name, seq: int) -> bool:
        """Whether something after ``seq`` may have done so."""
        return max(self._moved.get(name, 0), self._born.get(name, 0)) > seq
