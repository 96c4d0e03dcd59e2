"""From MongoDB to the hub: events and images against the shadow, change by change (M3, M4).

Events of one second become one batch as long as nothing but their time decides their stamps. What
needs a stamp of its own gets a batch of its own: a document the hub has changed meanwhile, one
with a write under way, a deletion. A MongoDB transaction is never divided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from sync.connector.batches import Batches
from sync.connector.binding import Sight, Workspace
from sync.connector.changes import Changes, Outside, store
from sync.connector.documents import shown
from sync.connector.events import (
    BsonDocument,
    Deleted,
    Description,
    Image,
    Inserted,
    Replaced,
    Updated,
)
from sync.connector.ids import Unidentified
from sync.connector.intents import Intent, Intents
from sync.connector.letters import Letters
from sync.connector.moves import moves
from sync.connector.rules import Rules
from sync.connector.run import Run
from sync.connector.shadow import Record, Shadow
from sync.connector.values import MISSING
from sync.core.packing import stamps_in
from sync.core.stamps import hlc_of_ms
from sync.core.text import parse
from sync.local.parts import Parts

DocumentEvent: TypeAlias = Inserted | Replaced | Updated | Deleted


class Inbound:
    """One step: part of one transaction, thrown away after ``finish``."""

    def __init__(
        self,
        parts: Parts,
        rules: Rules,
        shadow: Shadow,
        intents: Intents,
        letters: Letters,
        batches: Batches,
        rounds: dict[str, int],
    ) -> None:
        """``rounds``: number of the present snapshot of each collection that is exchanged."""
        self._parts = parts
        self._rules = rules
        self._intents = intents
        self._letters = letters
        self._rounds = rounds
        now_ms = parts.identity.now_ms()
        self._now = hlc_of_ms(now_ms)
        self._work = Workspace(shadow, parts.documents, letters, rules.collections, now_ms)
        self._changes: dict[str, Changes] = {}
        self._run = Run(parts, rules, batches)

    def events(self, units: Iterable[Sequence[DocumentEvent]]) -> None:
        """Take events; each unit is one event or all of one MongoDB transaction."""
        wanted = [
            [
                (each, Sight.of(each.collection, each.key, each.document))
                for each in unit
                if each.collection in self._rounds
            ]
            for unit in units
        ]
        self._work.load(sight for unit in wanted for _, sight in unit)
        for unit in wanted:
            self._unit(unit)

    def images(self, collection: str, images: Iterable[Image]) -> None:
        """Take documents as they were read."""
        held = [(each, Sight.of(collection, each.key, each.document)) for each in images]
        self._work.load(sight for _, sight in held)
        for image, sight in held:
            record = self._work.find(sight)
            if record is None:
                continue
            if record.round < self._rounds[collection]:
                record.round, record.changed = self._rounds[collection], True
            if image.at and record.at > image.at and not record.is_new:
                continue  # an event has told something newer
            at = image.at or self._now
            alone = self._is_apart(record, at)
            self._run.begin(at, alone=alone)
            self._image(record, image.document, read=image.at)
            self._run.end(at, alone=alone)

    def gone(self, collection: str, ids: Iterable[str], at: int) -> None:
        """Documents that MongoDB has no more, though no event said so: a snapshot has not them."""
        for record in self._work.adopt(collection, ids):
            self._letters.withdraw(collection, "in", doc_id=record.doc_id)
            self._run.begin(at or self._now, alone=True)
            self._delete(record)
            self._run.end(at or self._now, alone=True)

    def finish(self) -> None:
        """Write what is left; the records are saved with it."""
        self._run.flush()
        self._work.save()

    def _unit(self, unit: list[tuple[DocumentEvent, Sight]]) -> None:
        find = self._work.find
        for event, sight in unit:
            if isinstance(event, Deleted):
                self._letters.withdraw(event.collection, "in", key=sight.text)
        known = [(event, record) for event, sight in unit if (record := find(sight)) is not None]
        if not known:
            return
        at = known[-1][0].at or self._now
        alone = any([isinstance(e, Deleted) or self._is_apart(r, at) for e, r in known])
        self._run.begin(at, alone=alone)
        for event, record in known:
            self._event(event, record)
        self._run.end(at, alone=alone)

    def _is_apart(self, record: Record, at: int) -> bool:
        """Whether a change of this document may need another stamp or context than its run."""
        if record.is_new:
            return record.is_here
        return (
            record.is_deleted
            or not record.is_level
            or record.newest() >= at
            or self._intents.of(record.name) is not None
        )

    def _event(self, event: DocumentEvent, record: Record) -> None:
        if event.at and event.at <= record.read:
            return  # it was read after this
        if record.round < self._rounds[event.collection]:
            record.round, record.changed = self._rounds[event.collection], True
        if isinstance(event, Deleted):
            if record.exists:
                self._delete(record)
        elif isinstance(event, Updated) and event.description is not None and record.exists:
            self._update(record, event.description, event.document)
        elif event.document is not None:
            self._image(record, event.document)

    def _update(self, record: Record, told: Description, image: BsonDocument | None) -> None:
        if self._letters.is_parked(record.collection, "in", record.doc_id):
            if image is not None:
                self._image(record, image)
            return
        held = record.body
        try:
            outside = self._run.of(record)
            self._of(record.collection).update(outside, told, self._intent(record))
        except Unidentified as error:
            self._park(record, held, error)

    def _image(self, record: Record, document: BsonDocument, *, read: int = 0) -> None:
        held = record.body
        outside = self._run.of(record)
        changes = self._of(record.collection)
        try:
            if record.is_new and record.is_here:
                self._first_sight(outside, document)
            else:
                changes.image(outside, document, self._intent(record))
        except Unidentified as error:
            self._park(record, held, error)
            return
        record.read = max(record.read, read)
        self._letters.withdraw(record.collection, "in", doc_id=record.doc_id)

    def _first_sight(self, outside: Outside, document: BsonDocument) -> None:
        """Both sides have the document already: MongoDB's values hold, and what it lacks stays."""
        record = outside.record
        row = record.row
        store(record, {name: value for name, value in document.items() if name != "_id"})
        record.due = True
        if row is None or row.body is None:
            outside.touch((), MISSING)
            return
        fields = parse(row.body)
        for path, before, after in list(moves(fields, shown(document))):
            if after is not MISSING:
                outside.touch(path, before)
                outside.counted |= {path}

    def _delete(self, record: Record) -> None:
        newest = 0
        if record.row is not None:
            newest = max(hlc for hlc, _ in stamps_in(record.row.meta))
        self._of(record.collection).delete(self._run.of(record), self._intent(record), newest)

    def _park(self, record: Record, held: bytes | None, error: Unidentified) -> None:
        """Leave the shadow as it was: what came cannot be stored here (M6)."""
        record.put(None, held)
        self._run.forget(record)
        key = record.key or ""
        self._work.park(record.collection, record.doc_id, key, error.reason, str(error))

    def _intent(self, record: Record) -> Intent | None:
        intent = self._intents.of(record.name)
        return None if intent is None or intent.seen else intent

    def _of(self, collection: str) -> Changes:
        if collection not in self._changes:
            rule = self._rules.collections[collection]
            self._changes[collection] = Changes(rule, self._rules.connector, self._seen)
        return self._changes[collection]

    def _seen(self, record: Record, intent: Intent) -> None:
        """The stream has shown what an own write did: MongoDB has the hub's form of then."""
        record.note(0, intent.wanted.stamps)
        record.seq = max(record.seq, intent.seq)
        self._letters.arrived(*record.name)
        if intent.state == "sent":
            self._intents.change(intent, seen=True)
        else:
            self._intents.drop(intent)
