"""Records for the events and images of one step: looked up at once, bound at first sight (M1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sync.connector.events import Bson, BsonDocument
from sync.connector.ids import Unidentified, hub_id, key_text
from sync.connector.letters import Letters
from sync.connector.rules import CollectionRule
from sync.connector.shadow import Record, Shadow
from sync.local.documents import Documents, Row


class Sight(NamedTuple):
    """A document that an event or an image names, by key and by the text of it; ``document`` where
    its fields came with it."""

    collection: str
    text: str
    key: Bson
    document: BsonDocument | None

    @classmethod
    def of(cls, collection: str, key: Bson, document: BsonDocument | None) -> Sight:
        """The sight of a key."""
        return cls(collection, key_text(key), key, document)


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
        self._by_key: dict[str, dict[str, Record]] = {name: {} for name in rules}
        self._by_id: dict[tuple[str, str], Record] = {}
        self._unbound: dict[tuple[str, str], tuple[int, Row]] = {}
        """(commit, row) of documents of the hub that no record knows."""

    def load(self, sights: Iterable[Sight]) -> None:
        """Look everything up that these documents need."""
        by_collection: dict[str, dict[str, Sight]] = {}
        for sight in sights:
            if sight.text in self._by_key[sight.collection]:
                continue
            held = by_collection.setdefault(sight.collection, {})
            if sight.text not in held or held[sight.text].document is None:
                held[sight.text] = sight
        for collection, wanted in by_collection.items():
            found = self._shadow.by_key(collection, wanted)
            self._keep(found.values())
            if len(found) < len(wanted):
                others = [sight for text, sight in wanted.items() if text not in found]
                self._load_strangers(collection, others)

    def _load_strangers(self, collection: str, sights: list[Sight]) -> None:
        """What there is under the ids that documents not yet bound would have."""
        ids = [name for sight in sights if (name := self._name(sight))]
        found = self._shadow.by_id(collection, ids)
        self._keep(found.values())
        rest = [doc_id for doc_id in ids if doc_id not in found]
        commits = self._documents.commits(collection, rest)
        for doc_id, row in self._documents.rows(collection, rest).items():
            self._unbound[collection, doc_id] = commits[doc_id][0], row

    def adopt(self, collection: str, ids: Iterable[str]) -> list[Record]:
        """Records of documents by the ids of the hub."""
        found = self._shadow.by_id(collection, ids)
        self._keep(found.values())
        return [self._by_id[collection, doc_id] for doc_id in found]

    def _name(self, sight: Sight) -> str | None:
        """The id a document not yet bound would have."""
        if sight.document is None:
            return None
        try:
            return hub_id(self._rules[sight.collection].ids, sight.key, sight.document)
        except Unidentified:
            return None

    def _keep(self, records: Iterable[Record]) -> None:
        """Take records in; what is known already may have changed since the table was read."""
        for record in records:
            if self._by_id.setdefault(record.name, record) is record and record.key is not None:
                self._by_key[record.collection][record.key] = record

    def find(self, sight: Sight) -> Record | None:
        """The record of a document, bound now if it is new; None if it is not known and cannot be,
        with a letter that says why."""
        record = self._by_key[sight.collection].get(sight.text)
        if record is not None or sight.document is None:
            return record
        try:
            record = self._bind(sight, sight.document)
        except Unidentified as error:
            self.park(sight.collection, "", sight.text, error.reason, str(error))
            return None
        self._letters.withdraw(sight.collection, "in", key=sight.text)
        self._keep([record])
        return record

    def _bind(self, sight: Sight, document: BsonDocument) -> Record:
        doc_id = hub_id(self._rules[sight.collection].ids, sight.key, document)
        record = self._by_id.get((sight.collection, doc_id))
        if record is None:
            record = Record(sight.collection, doc_id, sight.text)
            record.commit, record.row = self._unbound.get(record.name, (-1, None))
            return record
        if record.key is not None and record.exists:
            raise Unidentified("duplicate_id", f"{doc_id} is bound to another document.")
        if record.key is not None:  # its former document is gone, or was never made
            self._by_key[sight.collection].pop(record.key, None)
        record.key, record.changed = sight.text, True
        return record

    def park(self, collection: str, doc_id: str, key: str, reason: str, detail: str) -> None:
        """Set a document of MongoDB aside (M6)."""
        self._letters.park((collection, doc_id), key, "in", reason, detail, self._now_ms)

    def save(self) -> None:
        """Write every record that changed."""
        self._shadow.save(self._by_id.values())
