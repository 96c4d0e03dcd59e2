"""What came of messages that the hub sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sync.errors import ReplicaForked
from sync.local.merging import Applied

Changed = dict[str, set[str]]


@dataclass(slots=True)
class Received:
    """What a call of ``receive`` did, for status and live queries."""

    changed: Changed = field(default_factory=dict)
    documents: int = 0
    conflicts: int = 0
    forked: ReplicaForked | None = None
    again: bool = False
    """The pull has to be opened anew: nothing of this one fits what is held."""

    def note(self, collection: str, doc_id: str) -> None:
        """A visible document moved."""
        self.changed.setdefault(collection, set()).add(doc_id)

    def take(self, applied: Applied) -> None:
        """What was merged."""
        self.conflicts += applied.conflicts
        for collection, doc_ids in applied.changed.items():
            self.changed.setdefault(collection, set()).update(doc_ids)

    def note_all(self, names: Iterable[tuple[str, str]]) -> None:
        """Visible documents moved."""
        for collection, doc_id in names:
            self.note(collection, doc_id)
