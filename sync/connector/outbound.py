"""From the hub to MongoDB: what differs from the shadow, as one write a document (M5, M6).

A difference and no replay: what was written here many times goes out once, and what others wrote
there stays. The intent is durable before the write is handed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sync.connector.documents import counters_of, guard_of, is_counter_value
from sync.connector.events import BsonDocument
from sync.connector.ids import Unidentified, key_for, key_of, key_text
from sync.connector.intents import Intent, Intents, Wanted
from sync.connector.letters import Letters
from sync.connector.paths import Path, dotted_path, value_at
from sync.connector.ports import Guard, Write
from sync.connector.progress import Progress
from sync.connector.rules import GUARD_FIELD, CollectionRule, Rules
from sync.connector.shadow import Record, Shadow
from sync.connector.values import MISSING, Missing, iso_of_ms, same, to_bson, to_json
from sync.core.packing import newest_at, stamps_in
from sync.core.stamps import ms_of_hlc
from sync.ids import Document, Json
from sync.local.documents import Row
from sync.local.parts import Parts

_PLAIN = frozenset({str, int, bool, float, type(None)})


class Difference(NamedTuple):
    """One field in which the hub and MongoDB differ; ``MISSING`` where there is none."""

    path: Path
    value: Json
    held: Any


class Outbound:
    """Prepares writes; everything is part of the caller's transaction."""

    def __init__(
        self, parts: Parts, rules: Rules, shadow: Shadow, intents: Intents, letters: Letters
    ) -> None:
        self._parts = parts
        self._rules = rules
        self._shadow = shadow
        self._intents = intents
        self._letters = letters

    def look(self, progress: Progress) -> int:
        """Have due what the hub committed since ``progress``; the commit looked at last."""
        head = self._parts.identity.seq
        documents = self._parts.documents
        if head > progress.seq and documents.has(progress.name):
            table = documents.table(progress.name)
            self._shadow.mark_changed(progress.name, table, progress.seq, head)
        return head

    def prepare(self, rule: CollectionRule, limit: int) -> list[Write]:
        """At most ``limit`` writes of one collection, each with its intent made durable."""
        ids = self._shadow.due(rule.name, limit)
        if not ids:
            return []
        records = self._shadow.by_id(rule.name, ids)
        rows = self._parts.documents.rows(rule.name, ids)
        prepared: list[tuple[Record, Wanted]] = []
        for doc_id, record in records.items():
            record.due, record.changed = False, True
            wanted = self._wanted(rule, record, rows.get(doc_id))
            if wanted is not None:
                prepared.append((record, wanted))
            elif doc_id in rows:
                record.seq = max(record.seq, self._parts.identity.seq)
        self._shadow.save(records.values())
        return self._write_down(rule, prepared)

    def _write_down(
        self, rule: CollectionRule, prepared: list[tuple[Record, Wanted]]
    ) -> list[Write]:
        if not prepared:
            return []
        seq = self._parts.identity.seq
        numbers = self._intents.numbers(len(prepared))
        intents = [
            Intent(record.collection, record.doc_id, number, seq, wanted)
            for number, (record, wanted) in zip(numbers, prepared, strict=True)
        ]
        self._intents.add(intents)
        held = [record for record, _ in prepared]
        return [self._write(rule, *pair) for pair in zip(intents, held, strict=True)]

    def _wanted(self, rule: CollectionRule, record: Record, row: Row | None) -> Wanted | None:
        """What a write has to make of the document; None where nothing differs."""
        if row is None:
            return None
        if row.body is None:
            return self._removal(rule, record, row)
        fields: Document = self._parts.database.parse(row.body)
        held = record.document
        if held is None:
            return self._insertion(rule, record, row, fields)
        found = _addressable(differences(fields, held), fields, held)
        for name in {each.path[0] for each in found if dotted_path(each.path) is None}:
            self._park(record, "field_name", f"The field {name!r} cannot be set in MongoDB.")
        found = [each for each in found if dotted_path(each.path) is not None]
        if not found:
            return None
        counters = counters_of(rule)
        counts = {
            each.path: each.value - (0 if each.held is MISSING else int(each.held))
            for each in found
            if each.path in counters
            and is_counter_value(each.value)
            and (each.held is MISSING or is_counter_value(to_json(each.held)))
        }
        sets = {e.path: e.value for e in found if e.value is not MISSING and e.path not in counts}
        unsets = tuple(each.path for each in found if each.value is MISSING)
        stamps = self._stamps(record, row, [each.path for each in found])
        return Wanted("update", sets, unsets, counts, stamps)

    def _insertion(
        self, rule: CollectionRule, record: Record, row: Row, fields: Document
    ) -> Wanted | None:
        """The document is new to MongoDB, or gone from it and alive here (M6)."""
        try:
            if record.key is None:
                key = key_text(key_for(rule.ids, record.doc_id, fields))
                if self._shadow.by_key(rule.name, [key]):
                    raise Unidentified("duplicate_id", f"{key[1:]} is bound to another document.")
                record.key = key
        except Unidentified as error:
            self._park(record, error.reason, str(error))
            return None
        odd = [name for name in fields if dotted_path((name,)) is None]
        for name in odd:
            self._park(record, "field_name", f"The field {name!r} cannot be set in MongoDB.")
        sets: dict[Path, Json] = {(n,): value for n, value in fields.items() if n not in odd}
        return Wanted("insert", sets, stamps=self._stamps(record, row, [()]))

    def _removal(self, rule: CollectionRule, record: Record, row: Row) -> Wanted | None:
        """The document was deleted here: flagged there, or removed where the rule says so (M5)."""
        held = record.document
        if held is None:
            return None
        newest = max(hlc for hlc, _ in stamps_in(row.meta))
        if rule.hard_deletes:
            return Wanted("delete", stamps=(((), newest),))
        if held.get("deleted") is True:
            return None
        sets: dict[Path, Json] = {("deleted",): True, ("deleted_at",): iso_of_ms(ms_of_hlc(newest))}
        return Wanted("update", sets, stamps=tuple((path, newest) for path in sets))

    def _stamps(self, record: Record, row: Row, paths: list[Path]) -> tuple[tuple[Path, int], ...]:
        """The stamps of what a write carries, those that the shadow's own would not cover."""
        if all(hlc <= record.at for hlc, _ in stamps_in(row.meta)):
            return ()
        return tuple((path, newest_at(row.meta, path)) for path in paths)

    def _write(self, rule: CollectionRule, intent: Intent, record: Record) -> Write:
        assert record.key is not None, "what is written has a key"
        wanted, held = intent.wanted, record.document
        values = {
            path: to_bson(value, MISSING if held is None else value_at(held, path))
            for path, value in wanted.sets.items()
        }
        key, connector = key_of(record.key), self._rules.connector
        head = (intent.number, rule.name, intent.doc_id, key, wanted.kind)
        if wanted.kind == "insert":
            document: BsonDocument = {"_id": key, **{path[0]: v for path, v in values.items()}}
            if rule.counters:
                document[GUARD_FIELD] = {connector: intent.number}
            return Write(*head, document=document)
        guard = None
        sets = {_dotted(path): value for path, value in values.items()}
        if rule.counters:
            guard = Guard(f"{GUARD_FIELD}.{connector}", guard_of(held, connector))
            if wanted.kind == "update":
                sets[guard.path] = intent.number
        return Write(
            *head,
            set=sets,
            unset=tuple(_dotted(path) for path in wanted.unsets),
            inc={_dotted(path): by for path, by in wanted.counts.items()},
            guard=guard,
        )

    def _park(self, record: Record, reason: str, detail: str) -> None:
        key, now_ms = record.key or "", self._parts.identity.now_ms()
        self._letters.park(record.name, key, "out", reason, detail, now_ms)


def differences(here: Document, there: BsonDocument, path: Path = ()) -> Iterator[Difference]:
    """The fields in which a document of the hub is not as MongoDB has it; of maps, what is in
    them."""
    for name, value in here.items():
        held = there.get(name, MISSING)
        kind = type(held)
        if kind is type(value) and kind in _PLAIN:
            if value != held:
                yield Difference((*path, name), value, held)
        elif kind is dict and isinstance(value, dict):
            yield from differences(value, held, (*path, name))
        elif kind is Missing or not same(value, to_json(held, len(path) + 1)):
            yield Difference((*path, name), value, held)
    for name, held in there.items():
        if name not in here and (path or name != GUARD_FIELD):
            yield Difference((*path, name), MISSING, held)


def _addressable(
    found: Iterable[Difference], here: Document, there: BsonDocument
) -> list[Difference]:
    """The same differences where MongoDB can name the field, else the map around it as a whole."""
    named = {each.path: each for each in found}
    for path in list(named):
        above = path
        while dotted_path(above) is None and len(above) > 1:
            above = above[:-1]
        if above != path:
            named[above] = Difference(above, value_at(here, above), value_at(there, above))
            del named[path]
    return [
        each
        for path, each in named.items()
        if not any(path[:cut] in named for cut in range(1, len(path)))
    ]


def _dotted(path: Path) -> str:
    dotted = dotted_path(path)
    assert dotted is not None, "only addressable paths are wanted"
    return dotted
