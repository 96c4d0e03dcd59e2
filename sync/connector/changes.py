"""What one event or image changes in one shadow: our own echo apart from what others did (M3).

``Outside`` collects, per document, the fields that others changed and what was there before. The
replica is never asked: it may be ahead, and our own late echo would look like somebody's change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import bson

from sync.connector.documents import counters_of, guard_of, is_counter_value, shown, shown_at
from sync.connector.events import BsonDocument, Description
from sync.connector.ids import Unidentified
from sync.connector.intents import FOREIGN, Intent, Wanted
from sync.connector.moves import moves
from sync.connector.paths import Path, apply, put, registers, remove, walked
from sync.connector.rules import GUARD_FIELD, CollectionRule
from sync.connector.shadow import Record
from sync.connector.values import MISSING, same
from sync.core.values import DOCUMENT_BYTES_MAX
from sync.ids import Document, Json


@dataclass(slots=True)
class Outside:
    """The outside changes of one document since the last batch: path → value before."""

    record: Record
    before: dict[Path, Json] = field(default_factory=dict)
    counted: frozenset[Path] = frozenset()
    """Counters that somebody counted anew, rather than moved."""
    floor: int = 0
    """What the stamp has to exceed besides: everything the hub holds, for a deletion (M6)."""

    def touch(self, path: Path, before: Json) -> None:
        """Note a change; what is known of a field above it covers it, and it what is below."""
        if not self.before:
            self.before[path] = before
            return
        if any(path[:cut] in self.before for cut in range(len(path) + 1)):
            return
        below = [other for other in self.before if other[: len(path)] == path]
        for other in below:
            held = self.before.pop(other)
            if other != path and isinstance(before, dict):
                _restore(before, other[len(path) :], held)
        self.before[path] = before

    def advance(self, wanted: Wanted) -> None:
        """Our own write lies between what was collected and what comes: it is nobody's change."""
        for path, before in self.before.items():
            if path:
                self.before[path] = wanted.changes(path, before)


def _restore(holder: Document, path: Path, held: Json) -> None:
    remove(holder, path) if held is MISSING else put(holder, path, held)


class Changes:
    """Applies events and images of one collection to shadows."""

    def __init__(
        self, rule: CollectionRule, connector: str, seen: Callable[[Record, Intent], None]
    ) -> None:
        """``seen`` is told when the stream has shown what an own write did."""
        self._connector = connector
        self._counters = counters_of(rule)
        self._telling = frozenset(told for told in self._counters.values() if told is not None)
        self._is_guarded = bool(rule.counters)
        self._seen = seen
        self._guard_path = f"{GUARD_FIELD}.{connector}"

    def update(self, outside: Outside, description: Description, intent: Intent | None) -> None:
        """An update whose changes the server described."""
        record = outside.record
        document = record.document
        assert document is not None, "an update of a document that exists"
        steps = walked(document, description)
        touched = registers(steps.values())
        paths = [path for path in touched if path[0] != GUARD_FIELD]
        before = {path: shown_at(document, path) for path in paths}
        apply(document, description, steps)
        store(record, document)
        if intent is None:
            for path in paths:
                outside.touch(path, before[path])
            self._note_counts(outside, paths, before)
            return
        number = guard_of(document, self._connector) if len(touched) > len(paths) else None
        ours = self._is_guarded and number == intent.number
        for path in paths:
            after = shown_at(document, path)
            self._judge(outside, path, before[path], after, intent.wanted, ours=ours)
        self._note_counts(outside, paths, before)
        if ours or self._holds(outside, paths, intent):
            self._seen(record, intent)

    def image(self, outside: Outside, document: BsonDocument, intent: Intent | None) -> None:
        """The whole document: inserted, replaced, or read. Only what differs is a change."""
        record = outside.record
        after = shown(document)
        body = {name: value for name, value in document.items() if name != "_id"}
        held = record.document
        ours = intent is not None and self._contains(body, after, intent)
        store(record, body)
        if intent is None:
            before: Json = MISSING if held is None else shown(held)
            self._compare(outside, before, after)
            return
        wanted = intent.wanted
        before = MISSING if held is None else shown(held)
        if held is None and wanted.kind == "insert":
            before = _nested(wanted)
        elif ours and held is not None:
            before = applied(wanted, before)
            outside.advance(wanted)
        if ours or self._is_guarded or before is MISSING:
            self._compare(outside, before, after)
        else:
            for path, old, new in list(moves(before, after)):
                self._judge(outside, path, old, new, wanted, ours=False)
        if ours or self._holds(outside, wanted.paths(), intent):
            self._seen(record, intent)

    def delete(self, outside: Outside, intent: Intent | None, newest: int) -> None:
        """The document is gone; ``newest`` is the newest stamp the hub holds of it."""
        record = outside.record
        held = record.document
        record.put(None, None)
        if intent is not None and intent.wanted.kind == "delete":
            self._seen(record, intent)
            return
        outside.touch((), MISSING if held is None else shown(held))
        outside.floor = max(outside.floor, newest)

    def _compare(self, outside: Outside, before: Json, after: Document) -> None:
        if before is MISSING:
            outside.touch((), MISSING)
            return
        found = list(moves(before, after))
        for path, old, _ in found:
            outside.touch(path, old)
        self._note_counts(outside, [move.path for move in found], {m.path: m.before for m in found})

    def _judge(
        self,
        outside: Outside,
        path: Path,
        before: Json,
        after: Json,
        wanted: Wanted,
        *,
        ours: bool,
    ) -> None:
        """Tell what is ours of one register from what others did to it."""
        if self._is_guarded and not ours:
            outside.touch(path, before)
        elif ours:
            expected = wanted.changes(path, before)
            for move in moves(expected, after, path):
                outside.touch(move.path, move.before)
        else:
            found = list(moves(before, after, path))
            foreign = [m for m in found if not same(wanted.after(m.path), m.after)]
            if not found and wanted.after(path) is FOREIGN:
                outside.touch(path, before)
            for move in foreign:
                outside.touch(move.path, move.before)

    def _note_counts(self, outside: Outside, told: list[Path], before: dict[Path, Json]) -> None:
        """A counter is counted anew where the field that tells so moved, and not by us (M5)."""
        if self._telling.isdisjoint(told):
            return
        document = outside.record.document
        for path, by in self._counters.items():
            if by is None or by not in before or by not in outside.before:
                continue
            if not same(before[by], shown_at(document, by)):
                outside.counted |= {path}
                outside.touch(path, before.get(path, shown_at(document, path)))

    def _contains(self, body: BsonDocument, after: Document, intent: Intent) -> bool:
        """Whether an image contains the write under way."""
        if self._is_guarded:
            return guard_of(body, self._connector) == intent.number
        return intent.wanted.kind == "insert" and same(_nested(intent.wanted), after)

    def _holds(self, outside: Outside, touched: list[Path], intent: Intent) -> bool:
        """Whether a document without a guard is as the write under way makes it, now that
        something the write touches has moved."""
        wanted = intent.wanted
        if self._is_guarded or wanted.kind != "update":
            return False
        document = outside.record.document
        mine = wanted.paths()
        if not any(_overlap(path, own) for path in touched for own in mine):
            return False
        return all(same(shown_at(document, path), wanted.after(path)) for path in mine)


def applied(wanted: Wanted, before: Document) -> Document:
    """A document with a write done to it."""
    result: Document = {**before}
    for path in wanted.paths():
        value = wanted.changes(path, shown_at(result, path))
        _restore_in(result, path, value)
    return result


def amount(before: Json, after: Json) -> int | None:
    """How far a counter was moved; None where it is no counting at all."""
    if not is_counter_value(before) or not is_counter_value(after):
        return None
    return int(after) - int(before)


def _restore_in(document: Document, path: Path, value: Json) -> None:
    """Set or remove a field without changing the maps of the document it came from."""
    holder = document
    for name in path[:-1]:
        inner = holder.get(name)
        holder[name] = dict(inner) if isinstance(inner, dict) else {}
        holder = holder[name]
    _restore(holder, path[-1:], value)


def _nested(wanted: Wanted) -> Document:
    """The document that an insert makes."""
    result: Document = {}
    for path, value in wanted.sets.items():
        put(result, path, value)
    return result


def _overlap(one: Path, other: Path) -> bool:
    depth = min(len(one), len(other))
    return one[:depth] == other[:depth]


def store(record: Record, document: BsonDocument) -> None:
    """Set the document of a record; ``Unidentified`` if no device could hold it."""
    body = bson.encode(document)
    if len(body) > DOCUMENT_BYTES_MAX:
        raise Unidentified("too_large", f"The document is over {DOCUMENT_BYTES_MAX} bytes.")
    record.put(document, body)
