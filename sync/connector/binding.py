"""Records for the events and images of one step: looked up at once, bound at first sight (M1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sync.connector.events import Bson, BsonDocument
from sync.connector.ids import Unidentified, hub_id, key_text
from sync.connector.letters import Letters
from sync.connector.rules import CollectionRule
from sync.connector.shadow import Record, Shadow
from sync.local.documents import Documents


class Sight(NamedTuple):
    """A document that an event or an image names; ``document`` where its fields came with it."""

    collection: str
    key: Bson
    document: BsonDocument | None


class Workspace:
    """The records of one step by MongoDB's key, and when the hub changed their documents last."""

    def __init__(
        self,
        shadow: Shadow,
        documents: Documents,
        letters: Letters,
        rules: Mapping[str, CollectionRule],
        now_ms: int,
    ) -> None:
        self._shadow = shadow
        self._documents = documents
        self._letters = letters
        self._rules = rules
        self._now_ms = now_ms
        self._records: dict[tuple[str, str], Record] = {}
        self._by_id: dict[tuple[str, str], Record] = {}
        self.commits: dict[tuple[str, str], tuple[int, bool]] = {}
        """(commit of the hub, whether it deleted) of every document that has a row there."""

    def load(self, sights: Iterable[Sight]) -> None:
        """Look everything up that these documents need."""
        keys: dict[str, dict[str, Sight]] = {}
        for sight in sights:
            key = key_text(sight.key)
            held = keys.setdefault(sight.collection, {})
            if key not in held or held[key].document is None:
                held[key] = sight
        for collection, wanted in keys.items():
            found = self._shadow.by_key(collection, wanted)
            named = [self._name(sight) for key, sight in wanted.items() if key not in found]
            strangers = self._shadow.by_id(collection, [name for name in named if name])
            for record in (*found.values(), *strangers.values()):
                self._keep(record)
            ids = [r.doc_id for r in found.values()] + [name for name in named if name]
            self._look(collection, ids)

    def adopt(self, records: Iterable[Record]) -> None:
        """Take records that were found otherwise."""
        by_collection: dict[str, list[str]] = {}
        for record in records:
            self._keep(record)
            by_collection.setdefault(record.collection, []).append(record.doc_id)
        for collection, ids in by_collection.items():
            self._look(collection, ids)

    def _look(self, collection: str, ids: list[str]) -> None:
        commits = self._documents.commits(collection, ids)
        self.commits.update({(collection, doc_id): each for doc_id, each in commits.items()})

    def _name(self, sight: Sight) -> str | None:
        """The id a document not yet bound would have."""
        if sight.document is None:
            return None
        try:
            return hub_id(self._rules[sight.collection].ids, sight.key, sight.document)
        except Unidentified:
            return None

    def _keep(self, record: Record) -> None:
        self._by_id[record.name] = record
        if record.key is not None:
            self._records[record.collection, record.key] = record

    def find(self, sight: Sight) -> Record | None:
        """The record of a document, bound now if it is new; None if it is not known and cannot be,
        with a letter that says why."""
        key = key_text(sight.key)
        record = self._records.get((sight.collection, key))
        if record is not None or sight.document is None:
            return record
        try:
            record = self._bind(sight, key)
        except Unidentified as error:
            self.park(sight.collection, "", key, error.reason, str(error))
            return None
        self._letters.withdraw(sight.collection, "in", key=key)
        self._keep(record)
        return record

    def _bind(self, sight: Sight, key: str) -> Record:
        document = sight.document or {}
        doc_id = hub_id(self._rules[sight.collection].ids, sight.key, document)
        record = self._by_id.get((sight.collection, doc_id))
        if record is None:
            return Record(sight.collection, doc_id, key)
        if record.key is not None and record.exists:
            raise Unidentified("duplicate_id", f"{doc_id} is bound to another document.")
        if record.key is not None:  # its former document is gone, or was never made
            self._records.pop((sight.collection, record.key), None)
        record.key, record.changed = key, True
        return record

    def park(self, collection: str, doc_id: str, key: str, reason: str, detail: str) -> None:
        """Set a document of MongoDB aside (M6)."""
        self._letters.park((collection, doc_id), key, "in", reason, detail, self._now_ms)

    def is_level(self, record: Record) -> bool:
        """Whether MongoDB is known to have the hub's present form of a document."""
        return self.commits.get(record.name, (-1, False))[0] <= record.seq

    def is_deleted_here(self, record: Record) -> bool:
        """Whether the hub holds the document as deleted."""
        return self.commits.get(record.name, (-1, False))[1]

    def is_here(self, record: Record) -> bool:
        """Whether the hub has a row of the document, deleted or not."""
        return record.name in self.commits

    def save(self) -> None:
        """Write every record that changed."""
        self._shadow.save(self._by_id.values())
