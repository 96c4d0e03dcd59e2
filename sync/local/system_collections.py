"""``system:`` collections: what a replica knows of itself, to be asked in DQL. Read only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict

from sync.ids import Document
from sync.local.explaining import Explaining
from sync.local.history import History, Which
from sync.local.journeys import Journeys
from sync.local.own_work import UNSETTLED
from sync.local.parts import Parts
from sync.local.refused import Quarantined, quarantined

ExplainSync = Callable[[str, str, str | None], list[Document]]
"""Answers EXPLAIN SYNC: of a collection, an id, and what the one after ON is called."""

Journey = Callable[[str, str], list[Document]]
"""Every change of a record, by collection and id, and how far each has come."""


class SystemCollections:
    """Makes their documents when they are asked for. ``peers`` is set by who talks to them, and
    ``explain_sync`` and ``journey`` by who knows more than the file."""

    def __init__(self, parts: Parts, history: History) -> None:
        self._parts = parts
        self._history = history
        self.peers: Callable[[], Iterable[Document]] = list
        self.explain_sync: ExplainSync = Explaining(parts)
        self.journey: Journey = Journeys(parts)

    def rows(self, name: str) -> list[Document]:
        """The documents of ``system:name``, by id."""
        made = {
            "collections": self._collections,
            "indexes": self._parts.indexes.rows,
            "conflicts": self._conflicts,
            "outbox": self._outbox,
            "quarantine": self._quarantine,
            "peers": self.peers,
        }
        return sorted(made[name](), key=lambda document: str(document["_id"]))

    def _collections(self) -> list[Document]:
        documents = self._parts.documents
        return [
            {"_id": name, "name": name, "documents": documents.count(name)}
            for name in documents.collections
        ]

    def _conflicts(self) -> list[Document]:
        found = (asdict(each) for each in self._history.find(Which(), limit=-1))
        return [{"_id": each["id"], **each, "path": list(each["path"])} for each in found]

    def _outbox(self) -> list[Document]:
        return [
            {**_batch(quarantined(entry)), "status": entry.status}
            for entry in self._parts.log.with_status(UNSETTLED)
            if entry.replica == self._parts.identity.replica
        ]

    def _quarantine(self) -> list[Document]:
        refused = [quarantined(entry) for entry in self._parts.log.with_status(("rejected",))]
        return [
            {**_batch(each), "code": each.code, "message": each.message, "remedy": each.remedy}
            for each in refused
        ]


def _batch(batch: Quarantined) -> Document:
    changes = [{"collection": c, "id": i, "fields": f} for c, i, f in batch.changes]
    return {"_id": str(batch.n), "n": batch.n, "at_ms": batch.at_ms, "changes": changes}
