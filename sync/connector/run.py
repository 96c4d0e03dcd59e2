"""Outside changes that become one batch, coalesced per path and document (M4).

A run that nobody divides may hold the changes of many events; what each field was before the run
and is after it decides the ops, never the steps in between (C7).
"""

from __future__ import annotations

from sync.connector.batches import Batches, Draft
from sync.connector.binding import Workspace
from sync.connector.changes import Outside, amount
from sync.connector.documents import counters_of, is_counter_value, shown, shown_at
from sync.connector.moves import Move, ops_of
from sync.connector.paths import Path, put, remove, value_at
from sync.connector.rules import CollectionRule, Rules
from sync.connector.shadow import Record
from sync.connector.values import MISSING
from sync.core.stamps import ms_of_hlc
from sync.core.state import ROOT, Key
from sync.core.values import canonical
from sync.ids import Json
from sync.local.documents import Row
from sync.local.parts import Parts

_FLAGS = ("deleted", "deleted_at")
"""What our own soft delete wrote, which a change of something else does not take back."""
RUN_CHANGES_MAX = 5_000
"""Changed documents in one batch of unrelated events: some hundred kilobytes for every device."""


class Run:
    """The outside changes since the last batch."""

    def __init__(self, parts: Parts, rules: Rules, work: Workspace, batches: Batches) -> None:
        self._parts = parts
        self._rules = rules
        self._work = work
        self._batches = batches
        self._held: dict[tuple[str, str], Outside] = {}
        self._at = 0

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
        if record.name not in self._held:
            self._held[record.name] = Outside(record)
        return self._held[record.name]

    def forget(self, record: Record) -> None:
        """Nothing of a document can be taken over."""
        self._held.pop(record.name, None)

    def flush(self) -> None:
        """Make one batch of what was collected."""
        run, at = list(self._held.values()), self._at
        self._held, self._at = {}, 0
        drafts: list[Draft] = []
        hlc, known = at, self._parts.identity.seq
        for outside in run:
            record, lift = outside.record, self._lift(outside)
            draft = self._draft(outside, max(at, lift))
            level = self._work.is_level(record)
            if draft is None:
                record.due = record.due or not level
                record.note(at)
                continue
            hlc = max(hlc, lift)
            known = known if level else min(known, max(record.seq, 0))
            drafts.append(draft)
        if drafts:
            self._write(hlc, at, known, drafts, {each.record.name: each for each in run})

    def _write(
        self,
        hlc: int,
        at: int,
        known: int,
        drafts: list[Draft],
        told: dict[tuple[str, str], Outside],
    ) -> None:
        for written in self._batches.write(hlc, known, drafts):
            for name, planned in written.planned.items():
                record = told[name].record
                if self._work.is_level(record) and not written.has_lost(name):
                    record.seq = written.seq
                else:
                    record.due = True
                if planned.row is not None:
                    self._work.commits[name] = (written.seq, planned.row.body is None)
                paths = told[name].before
                if planned.row is None and self._work.is_deleted_here(record):
                    record.note(at, dict.fromkeys(paths, self._deleted_at(record)).items())
                elif written.hlc > max(at, record.at):
                    record.note(at, dict.fromkeys(paths, written.hlc).items())
                else:
                    record.note(at)

    def _lift(self, outside: Outside) -> int:
        """The stamp the changes of a document need at least (M4, M6)."""
        if not outside.before:
            return 0
        shadow = max(outside.record.stamp_of(path) for path in outside.before)
        return max(shadow, outside.floor) + 1 if shadow or outside.floor else 0

    def _draft(self, outside: Outside, hlc: int) -> Draft | None:
        """The ops for what was changed in one document; None where that is nothing for the hub."""
        record, before = outside.record, outside.before
        rule = self._rules.collections[record.collection]
        if rule.direction == "out":
            record.due = True
        if rule.direction == "out" or not before:
            return None
        deleted = self._work.is_deleted_here(record)
        if not record.exists:
            if deleted or not self._work.is_here(record):
                return None
            return Draft(record.collection, record.doc_id, ops_of(Move((), {}, MISSING)))
        if deleted and (text := self._revived(outside, hlc)) is not None:
            return Draft(record.collection, record.doc_id, text=text)
        if before.get(()) is MISSING:
            text = canonical(shown(record.document or {}))
            return Draft(record.collection, record.doc_id, text=text)
        return self._fields(outside, before, rule)

    def _fields(
        self, outside: Outside, before: dict[Path, Json], rule: CollectionRule
    ) -> Draft | None:
        record = outside.record
        counters = counters_of(rule)
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
        return Draft(record.collection, record.doc_id, ops, counts)

    def _revived(self, outside: Outside, hlc: int) -> str | None:
        """The document whole again: deleted here, it lives on in MongoDB and was changed later.

        As the hub knew it last, since what others overwrote must not come back, with what was
        changed in MongoDB; None where the deletion is the newer of the two."""
        record, deleted_at = outside.record, self._deleted_at(outside.record)
        if () in outside.before or hlc <= deleted_at:
            return None
        there = shown(record.document or {})
        result = self._row(record).undeleted or dict(there)
        lost = [path for path, stamp in record.stamps.items() if stamp == deleted_at]
        for path in [*((name,) for name in _FLAGS if name in there), *lost]:
            value = shown_at(record.document, path)
            remove(result, path) if value is MISSING else put(result, path, value)
        counters = counters_of(self._rules.collections[record.collection])
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
        state, _ = self._parts.documents.state(self._row(record))
        return state[ROOT].stamp.hlc if ROOT in state else 0

    def _row(self, record: Record) -> Row:
        return self._parts.documents.rows(record.collection, [record.doc_id])[record.doc_id]
