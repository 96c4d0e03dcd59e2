"""Outside changes that become one batch, coalesced per path and document (M4).

A run that nobody divides may hold the changes of many events; what each field was before the run
and is after it decides the ops, never the steps in between (C7).
"""

from __future__ import annotations

from sync.connector.batches import Batches, Draft, Written
from sync.connector.changes import Outside, amount
from sync.connector.documents import counters_of, is_counter_value, shown, shown_at
from sync.connector.moves import Move, ops_of
from sync.connector.paths import Path, put, remove, value_at
from sync.connector.rules import Rules
from sync.connector.shadow import Record
from sync.connector.values import MISSING
from sync.core.stamps import ms_of_hlc
from sync.core.state import ROOT, Key
from sync.core.values import canonical
from sync.ids import Json
from sync.local.merging import Planned
from sync.local.parts import Parts

_FLAGS = ("deleted", "deleted_at")
"""What our own soft delete wrote, which a change of something else does not take back."""
RUN_CHANGES_MAX = 5_000
"""Changed documents in one batch of unrelated events: some hundred kilobytes for every device."""


class Run:
    """The outside changes since the last batch."""

    def __init__(self, parts: Parts, rules: Rules, batches: Batches) -> None:
        self._parts = parts
        self._rules = rules
        self._batches = batches
        self._held: dict[tuple[str, str], Outside] = {}
        self._at = 0
        self._counted = {name: counters_of(rule) for name, rule in rules.collections.items()}

    def begin(self, at: int, *, alone: bool) -> None:
        """A change at cluster time ``at`` is about to come; ``alone``: into a batch of its own."""
        other = ms_of_hlc(at) != ms_of_hlc(self._at)
        if alone or other or len(self._held) >= RUN_CHANGES_MAX:
            self.flush()

    def end(self, at: int, *, alone: bool) -> None:
        """The change has been collected."""
        self._at = max(self._at, at)
        if alone:
            self.flush()

    def of(self, record: Record) -> Outside:
        """Where the changes of a document are collected."""
        found = self._held.get(record.name)
        if found is None:
            found = self._held[record.name] = Outside(record)
        return found

    def forget(self, record: Record) -> None:
        """Nothing of a document can be taken over."""
        self._held.pop(record.name, None)

    def flush(self) -> None:
        """Make one batch of what was collected."""
        run, at = self._held, self._at
        self._held, self._at = {}, 0
        drafts: list[Draft] = []
        head = self._parts.identity.seq
        hlc, known = at, head
        for outside in run.values():
            record, lift = outside.record, _lift(outside)
            draft = self._draft(outside, max(at, lift))
            level = record.is_level
            if draft is None:
                record.due = record.due or not level
                record.note(at)
                continue
            hlc = max(hlc, lift)
            known = known if level else min(known, max(record.seq, 0))
            drafts.append(draft)
        for written in self._batches.write(hlc, known, drafts) if drafts else ():
            for planned in written.planned:
                self._note(run[planned.collection, planned.doc_id], at, written, planned)

    def _note(self, outside: Outside, at: int, written: Written, planned: Planned) -> None:
        """What a batch did to one document."""
        record = outside.record
        if record.is_level and not written.has_lost(planned):
            record.seq = written.seq
        else:
            record.due = True
        if planned.row is not None:
            record.commit, record.row = written.seq, planned.row
        elif record.is_deleted:
            record.note(at, dict.fromkeys(outside.before, self._deleted_at(record)).items())
            return
        if written.hlc > at and written.hlc > record.at:
            record.note(at, dict.fromkeys(outside.before, written.hlc).items())
        else:
            record.note(at)

    def _draft(self, outside: Outside, hlc: int) -> Draft | None:
        """The ops for what was changed in one document; None where that is nothing for the hub."""
        record, before = outside.record, outside.before
        rule = self._rules.collections[record.collection]
        if rule.direction == "out":
            record.due = True
        if rule.direction == "out" or not before:
            return None
        if not record.exists:
            if record.is_deleted or not record.is_here:
                return None
            return Draft(*record.name, record.row, ops_of(Move((), {}, MISSING)))
        if record.is_deleted and (text := self._revived(outside, hlc)) is not None:
            return Draft(*record.name, record.row, text=text)
        if before.get(()) is MISSING:
            text = canonical(shown(record.document or {}))
            return Draft(*record.name, record.row, text=text)
        return self._fields(outside, before)

    def _fields(self, outside: Outside, before: dict[Path, Json]) -> Draft | None:
        record = outside.record
        counters = self._counted[record.collection]
        ops: dict[Key, Json] = {}
        counts: dict[Path, int] = {}
        for path, old in before.items():
            new = shown_at(record.document, path)
            moved = amount(old, new) if path in counters else None
            if moved is None or path in outside.counted:
                if old is not MISSING or new is not MISSING:
                    ops.update(ops_of(Move(path, old, new)))
            elif moved:
                counts[path] = moved
        if not ops and not counts:
            return None
        return Draft(*record.name, record.row, ops, counts)

    def _revived(self, outside: Outside, hlc: int) -> str | None:
        """The document whole again: deleted here, it lives on in MongoDB and was changed later.

        As the hub knew it last, since what others overwrote must not come back, with what was
        changed in MongoDB; None where the deletion is the newer of the two."""
        record, deleted_at = outside.record, self._deleted_at(outside.record)
        if () in outside.before or hlc <= deleted_at:
            return None
        there = shown(record.document or {})
        assert record.row is not None, "a deleted document has a row"
        result = record.row.undeleted or dict(there)
        lost = [path for path, stamp in record.stamps.items() if stamp == deleted_at]
        for path in [*((name,) for name in _FLAGS if name in there), *lost]:
            value = shown_at(record.document, path)
            remove(result, path) if value is MISSING else put(result, path, value)
        counters = self._counted[record.collection]
        for path, old in outside.before.items():
            new = shown_at(record.document, path)
            moved = amount(old, new) if path in counters else None
            held = value_at(result, path)
            if new is MISSING:
                remove(result, path)
            elif moved is None or path in outside.counted or not is_counter_value(held):
                put(result, path, new)
            else:
                put(result, path, held + moved)
        return canonical(result)

    def _deleted_at(self, record: Record) -> int:
        """The stamp of a document's deletion here. The shadow notes it at fields that others had
        changed before: those changes lost, and yet they are what MongoDB has."""
        state, _ = self._parts.documents.state(record.row)
        return state[ROOT].stamp.hlc if ROOT in state else 0


def _lift(outside: Outside) -> int:
    """The stamp the changes of a document need at least (M4, M6)."""
    if not outside.before:
        return 0
    record = outside.record
    shadow = max(map(record.stamp_of, outside.before)) if record.stamps else record.at
    return max(shadow, outside.floor) + 1 if shadow or outside.floor else 0
