"""A model of MongoDB: documents, an ordered log of events, a snapshot, and nothing else.

It answers as a replica set does that the connector relies on: one cluster time a write, events
only of what changed, one event for each document of a transaction, ``_id`` unique.
"""

from __future__ import annotations

import copy
from typing import Any

from sync.connector.documents import guard_of
from sync.connector.events import (
    Deleted,
    Delivery,
    Description,
    Event,
    Image,
    Inserted,
    Replaced,
    Updated,
    at_of,
)
from sync.connector.ids import key_text
from sync.connector.paths import apply, put, remove, value_at, walked
from sync.connector.ports import Chunk, Write, WriteResult
from sync.connector.rules import GUARD_FIELD
from sync.connector.values import MISSING

Doc = dict[str, Any]


class ModelMongo:
    """Collections of documents and the change stream of their database."""

    def __init__(self, *, describes: bool = True, connector: str = "zava") -> None:
        self.documents: dict[str, dict[str, Doc]] = {}
        self.log: list[Event] = []
        self.forgotten = 0
        self._describes = describes
        self._connector = connector
        self._seconds = 0
        self._increment = 0
        self._transaction: str | None = None
        self._transactions = 0

    def tick(self, seconds: int) -> None:
        """Time passes."""
        if seconds > self._seconds:
            self._seconds, self._increment = seconds, 0

    @property
    def now(self) -> int:
        """The cluster time of the newest write."""
        return at_of(self._seconds, self._increment)

    def find(self, collection: str, key: Any) -> Doc | None:
        """A document with its ``_id``, the model's own."""
        return self.documents.get(collection, {}).get(key_text(key))

    def begin(self) -> None:
        """What follows is one transaction."""
        self._transactions += 1
        self._transaction = f"t{self._transactions}"
        self._increment += 1

    def commit(self) -> None:
        """The transaction is over."""
        self._transaction = None

    def insert(self, collection: str, document: Doc) -> bool:
        """False if the ``_id`` is taken."""
        held = self.documents.setdefault(collection, {})
        key = key_text(document["_id"])
        if key in held:
            return False
        held[key] = copy.deepcopy(document)
        self._tell(Inserted, collection, document["_id"], copy.deepcopy(document))
        return True

    def replace(self, collection: str, document: Doc) -> bool:
        """False if there is none."""
        held = self.documents.setdefault(collection, {})
        key = key_text(document["_id"])
        if key not in held:
            return False
        if held[key] != document:
            held[key] = copy.deepcopy(document)
            self._tell(Replaced, collection, document["_id"], copy.deepcopy(document))
        return True

    def delete(self, collection: str, key: Any) -> bool:
        """False if there is none."""
        if self.documents.get(collection, {}).pop(key_text(key), None) is None:
            return False
        self._tell(Deleted, collection, key)
        return True

    def update(
        self,
        collection: str,
        key: Any,
        *,
        sets: Doc | None = None,
        unsets: tuple[str, ...] = (),
        incs: dict[str, int] | None = None,
    ) -> bool:
        """False if there is no such document; an update that changes nothing tells nobody."""
        document = self.find(collection, key)
        if document is None:
            return False
        before = copy.deepcopy(document)
        for path in unsets:
            remove(document, tuple(path.split(".")))
        for path, value in (sets or {}).items():
            told = Description({path: copy.deepcopy(value)})
            apply(document, told, walked(document, told))
        for path, by in (incs or {}).items():
            held = value_at(document, tuple(path.split(".")))
            put(document, tuple(path.split(".")), (0 if held is MISSING else held) + by)
        updated: Doc = {}
        removed: list[str] = []
        _changes(before, document, (), updated, removed)
        if updated or removed:
            description = Description(updated, tuple(removed)) if self._describes else None
            self._tell(Updated, collection, key, description, None)
        return True

    def write(self, write: Write) -> WriteResult:
        """Carry out a write as the sink does."""
        name, guard = write.collection, write.guard
        if write.kind == "insert":
            assert write.document is not None
            done = self.insert(name, write.document)
        else:
            held = self.find(name, write.key)
            fits = guard is None or guard_of(held, self._connector) == guard.before
            if not fits:
                done = False
            elif write.kind == "delete":
                done = self.delete(name, write.key)
            else:
                done = self.update(
                    name, write.key, sets=write.set, unsets=write.unset, incs=write.inc
                )
        return WriteResult(write.number, "applied" if done else "missed")

    def deliver(self, token: str, limit: int) -> Delivery:
        """The next events after a token; looked-up documents are as they are now."""
        start = int(token)
        found = [self._looked_up(each) for each in self.log[start : start + limit]]
        return Delivery(tuple(found), str(start + len(found)))

    def head(self) -> str:
        """The token of now."""
        return str(len(self.log))

    def chunk(self, collection: str, after: Any, limit: int) -> Chunk:
        """The next documents by ``_id`` after a key."""
        held = self.documents.get(collection, {})
        keys = sorted(key for key in held if after is None or key > key_text(after))[:limit]
        images = tuple(self._image(held[key]) for key in keys)
        return Chunk(images, images[-1].key if images else after)

    def read(self, collection: str, keys: list[Any]) -> tuple[Image, ...]:
        """Documents by key."""
        found = (self.find(collection, key) for key in keys)
        return tuple(self._image(document) for document in found if document is not None)

    def _image(self, document: Doc) -> Image:
        return Image(document["_id"], copy.deepcopy(document), self.now)

    def _looked_up(self, event: Event) -> Event:
        if not isinstance(event, Updated):
            return event
        held = copy.deepcopy(self.find(event.collection, event.key))
        head = (event.collection, event.at, event.token, event.transaction)
        return Updated(*head, event.key, event.description, held)

    def _tell(self, kind: Any, collection: str, key: Any, *rest: Any) -> None:
        if self._transaction is None:
            self._increment += 1
        token = str(len(self.log) + 1)
        self.log.append(kind(collection, self.now, token, self._transaction, key, *rest))


def _changes(
    before: Doc, after: Doc, path: tuple[str, ...], updated: Doc, removed: list[str]
) -> None:
    for name, value in after.items():
        held = before.get(name, MISSING)
        here = (*path, name)
        if isinstance(held, dict) and isinstance(value, dict):
            _changes(held, value, here, updated, removed)
        elif type(held) is not type(value) or held != value:
            updated[".".join(here)] = copy.deepcopy(value)
    removed += [".".join((*path, name)) for name in before if name not in after]


def without_ours(document: Doc) -> Doc:
    """A document as others see it: no ``_id``, no reserved field."""
    return {k: v for k, v in document.items() if k not in ("_id", GUARD_FIELD)}
