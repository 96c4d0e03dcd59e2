"""From the hub to MongoDB: what differs from the shadow, as one write a document (M5, M6).

A difference and no replay: what was written here many times goes out once, and what others wrote
there stays. The intent is durable before the write is handed out.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
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
from sync.core.text import parse
from sync.ids import Document, Json
from sync.local.documents import Row
from sync.local.parts import Parts

TOGETHER_MAX = 500
"""Documents compared at once; only what is to be written outlives them."""
_PLAIN = frozenset({str, int, bool, float, type(None)})


class Difference(NamedTuple):
    """One field in which the hub and MongoDB differ; ``MISSING`` where there is none."""

    path: Path
    value: Json
    held: Any


@dataclass(frozen=True, slots=True)
class Task:
    """What holds for all documents that are compared at once."""

    rule: CollectionRule
    counters: Container[Path]
    taken: Container[str]
    """Keys that documents new to MongoDB would have and others are bound to."""


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
        self._parked: set[tuple[str, str]] = set()

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
        writes: list[Write] = []
        for start in range(0, len(ids), TOGETHER_MAX):
            writes += self._prepare(rule, ids[start : start + TOGETHER_MAX])
        return writes

    def _prepare(self, rule: CollectionRule, ids: list[str]) -> list[Write]:
        records = self._shadow.by_id(rule.name, ids)
        head = self._parts.identity.seq
        new = [key_text(doc_id) for doc_id, record in records.items() if record.key is None]
        task = Task(rule, counters_of(rule), self._shadow.by_key(rule.name, new))
        prepared: list[tuple[Record, Wanted]] = []
        for record in records.values():
            record.due = False
            wanted = None if record.row is None else self._wanted(task, record, record.row)
            if wanted is not None:
                prepared.append((record, wanted))
            elif record.row is not None:
                record.seq = max(record.seq, head)
            if record.name not in self._parked:
                self._compared(record, is_level=wanted is None)
        self._shadow.save_compared(records.values())
        return self._write_down(rule, prepared) if prepared else []

    def _compared(self, record: Record, *, is_level: bool) -> None:
        """Nothing was found that cannot be told; with ``is_level``, nothing to tell either."""
        if is_level:
            self._letters.withdraw(record.collection, "out", doc_id=record.doc_id)
        else:
            self._letters.nameable(*record.name)

    def _write_down(
        self, rule: CollectionRule, prepared: list[tuple[Record, Wanted]]
    ) -> list[Write]:
        seq = self._parts.identity.seq
        numbers = self._intents.numbers(len(prepared))
        intents = [
            Intent(record.collection, record.doc_id, number, seq, wanted)
            for number, (record, wanted) in zip(numbers, prepared, strict=True)
        ]
        self._intents.add(intents)
        guarding = f"{GUARD_FIELD}.{self._rules.connector}" if rule.counters else None
        pairs = zip(intents, prepared, strict=True)
        return [self._write(intent, record, guarding) for intent, (record, _) in pairs]

    def _wanted(self, task: Task, record: Record, row: Row) -> Wanted | None:
        """What a write has to make of the document; None where nothing differs."""
        if row.body is None:
            return self._removal(task.rule, record, row)
        fields: Document = parse(row.body)
        held = record.document
        if held is None:
            return self._insertion(task, record, row, fields)
        found = list(differences(fields, held))
        if not all(dotted_path(each.path) for each in found):
            found = self._addressable(record, found, fields, held)
        if not found:
            return None
        sets: dict[Path, Json] = {}
        counts: dict[Path, int] = {}
        unsets: list[Path] = []
        for path, value, there in found:
            if value is MISSING:
                unsets.append(path)
            elif path in task.counters and (by := _amount(value, there)) is not None:
                counts[path] = by
            else:
                sets[path] = value
        stamps = _stamps(record, row, [each.path for each in found])
        return Wanted("update", sets, tuple(unsets), counts, stamps)

    def _addressable(
        self, record: Record, found: list[Difference], here: Document, there: BsonDocument
    ) -> list[Difference]:
        """The differences that MongoDB can be told; what it cannot is parked."""
        named = _addressable(found, here, there)
        for name in {each.path[0] for each in named if dotted_path(each.path) is None}:
            self._park(record, "field_name", f"The field {name!r} cannot be set in MongoDB.")
        return [each for each in named if dotted_path(each.path) is not None]

    def _insertion(self, task: Task, record: Record, row: Row, fields: Document) -> Wanted | None:
        """The document is new to MongoDB, or gone from it and alive here (M6)."""
        try:
            if record.key is None:
                key = key_text(key_for(task.rule.ids, record.doc_id, fields))
                if key in task.taken:
                    raise Unidentified("duplicate_id", f"{key[1:]} is bound to another document.")
                record.key = key
        except Unidentified as error:
            self._park(record, error.reason, str(error))
            return None
        odd = [name for name in fields if dotted_path((name,)) is None]
        for name in odd:
            self._park(record, "field_name", f"The field {name!r} cannot be set in MongoDB.")
        sets: dict[Path, Json] = {(n,): value for n, value in fields.items() if n not in odd}
        return Wanted("insert", sets, stamps=_stamps(record, row, [()]))

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

    def _write(self, intent: Intent, record: Record, guarding: str | None) -> Write:
        """The write of an intent; ``guarding`` is the path of the guard, where there is one."""
        assert record.key is not None, "what is written has a key"
        wanted, held = intent.wanted, record.document
        key = key_of(record.key)
        head = (intent.number, intent.collection, intent.doc_id, key, wanted.kind)
        if wanted.kind == "insert":
            document: BsonDocument = {"_id": key, **{path[0]: v for path, v in wanted.sets.items()}}
            if guarding is not None:
                document[GUARD_FIELD] = {self._rules.connector: intent.number}
            return Write(*head, document)
        sets = {
            _dotted(path): to_bson(value, value_at(held, path))
            for path, value in wanted.sets.items()
        }
        guard = None
        if guarding is not None:
            guard = Guard(guarding, guard_of(held, self._rules.connector))
            if wanted.kind == "update":
                sets[guarding] = intent.number
        unsets = tuple(map(_dotted, wanted.unsets))
        counts = {_dotted(path): by for path, by in wanted.counts.items()}
        return Write(*head, None, sets, unsets, counts, guard)

    def _park(self, record: Record, reason: str, detail: str) -> None:
        self._parked.add(record.name)
        key, now_ms = record.key or "", self._parts.identity.now_ms()
        self._letters.park(record.name, key, "out", reason, detail, now_ms)


def _amount(value: Json, held: Any) -> int | None:
    """What to count where MongoDB has ``held``; None where it cannot be counted."""
    if not is_counter_value(value):
        return None
    if held is MISSING:
        return int(value)
    return int(value) - int(held) if is_counter_value(to_json(held)) else None


def _stamps(record: Record, row: Row, paths: list[Path]) -> tuple[tuple[Path, int], ...]:
    """The stamps of what a write carries, those that the shadow's own does not cover."""
    found = ((path, newest_at(row.body, row.meta, path)) for path in paths)
    return tuple((path, stamp) for path, stamp in found if stamp > record.at)


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
    if there.keys() <= here.keys():
        return
    for name, held in there.items():
        if name not in here and (path or name != GUARD_FIELD):
            yield Difference((*path, name), MISSING, held)


def _addressable(found: list[Difference], here: Document, there: BsonDocument) -> list[Difference]:
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
