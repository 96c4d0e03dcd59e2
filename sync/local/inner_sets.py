"""What SELECTs within conditions yield on this replica: sets that are kept, and follow each commit
by the documents it touched. ``sync.query.related`` says what they mean.

Each set also knows which of its keys came and went at which commit, as far back as it can, so that
the hub can tell devices whose scope rests on it (S4).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Final

from sync.ids import Document
from sync.local.database import Database
from sync.local.documents import Documents
from sync.local.identity import Identity
from sync.local.indexes import Indexes
from sync.local.lookups import Lookups
from sync.query.related import Answers, key_in, parts_of_key
from sync.query.selection import Inner, Probe

SETS_MAX: Final = 1_024
"""Kept at once: for each of some hundred people a few. More, and all are made anew as needed."""
KEYS_MAX: Final = 2_000_000
"""Of all sets together, some hundred megabytes. More, and the same happens."""
TOUCHED_MAX: Final = 20_000
"""Documents of a set looked at again after commits; after more it is made anew."""
JOURNAL_KEYS_MAX: Final = 10_000
"""Comings and goings remembered of each set: days of orders in a shop."""


@dataclass(slots=True, eq=False)
class _Kept:
    """One set. ``keys`` is what each document is counted under; ``since`` the commit from which on
    ``journal`` knows what changed; ``touched`` the documents to look at again, with the commit."""

    inner: Inner
    since: int
    answers: Answers = field(default_factory=Answers)
    keys: dict[str, Hashable] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    journal: dict[int, set[Hashable]] = field(default_factory=dict)
    noted: int = 0

    def put(self, doc_id: str, key: Hashable | None) -> set[Hashable]:
        """Count a document under a key; which keys came or went by it."""
        former = self.keys.get(doc_id)
        if former == key:
            return set()
        had = {each for each in (former, key) if each is not None and self.answers.has(each)}
        if former is not None:
            del self.keys[doc_id]
            self.answers.count(former, -1)
        if key is not None:
            self.keys[doc_id] = key
            self.answers.count(key, 1)
        have = {each for each in (former, key) if each is not None and self.answers.has(each)}
        return had ^ have

    def note(self, seq: int, keys: set[Hashable]) -> None:
        """Keys came or went at a commit."""
        known = self.journal.setdefault(seq, set())
        self.noted += len(keys - known)
        known |= keys
        while self.noted > JOURNAL_KEYS_MAX:
            oldest = next(iter(self.journal))
            self.noted -= len(self.journal.pop(oldest))
            self.since = max(self.since, oldest)

    def between(self, after: int, upto: int) -> set[Hashable]:
        """The keys noted at the commits after one up to another: mostly that one alone."""
        seqs: Iterable[int] = range(after + 1, upto + 1)
        if upto - after > len(self.journal):
            seqs = [seq for seq in self.journal if after < seq <= upto]
        return {key for seq in seqs for key in self.journal.get(seq, ())}


class InnerSets:
    """``Related`` over one replica."""

    def __init__(
        self, database: Database, documents: Documents, identity: Identity, indexes: Indexes
    ) -> None:
        self._database = database
        self._documents = documents
        self._identity = identity
        self.lookups = Lookups(database, documents, indexes)
        self._sets: dict[str, _Kept] = {}
        self._of: dict[str, list[_Kept]] = {}
        self._is_touched = self._is_settling = False
        self._recent: list[tuple[str, list[str]]] = []
        database.on_rollback(self._undo)

    def answers(self, inner: Inner) -> Answers:
        """The set of an inner SELECT as of now, made when it is asked for first."""
        with self._database.lock:
            return self._kept(inner).answers

    def changes(self, inner: Inner, after: int, upto: int) -> set[Hashable] | None:
        """The keys that came or went at the commits after one up to another; None where that is not
        known so far back. What several commits did to a document before anybody asked is noted at
        the last of them: nobody can have read on from between."""
        with self._database.lock:
            kept = self._kept(inner)
            return None if after < kept.since else kept.between(after, upto)

    def before(self, documents: Documents, collection: str, ids: list[str]) -> None:
        """These documents are about to be written."""
        if collection in self._of:
            self._recent.append((collection, ids))
            self._touch(collection, ids)

    def _touch(self, collection: str, ids: Iterable[str]) -> None:
        self._is_touched = True
        for kept in self._of.get(collection, ()):
            kept.touched.update(dict.fromkeys(ids, self._identity.seq))

    def _undo(self) -> None:
        """What the transaction had touched is as it was before."""
        for collection, ids in self._recent:
            self._touch(collection, ids)

    def _kept(self, inner: Inner) -> _Kept:
        if self._is_touched and not self._is_settling:
            self._settle()
        kept = self._sets.get(inner.name)
        return self._make(inner) if kept is None else kept

    def _make(self, inner: Inner) -> _Kept:
        if not self._is_settling and self._is_full():
            self.forget()
        if self not in self._documents.watchers:
            self._documents.watchers.append(self)
        kept = _Kept(inner, self._identity.seq)
        for document in self.lookups.found(inner.collection, inner.selection.narrowed(self)):
            kept.put(document["_id"], key_in(inner, document, self))
        self._sets[inner.name] = kept  # after those it rests on
        self._of.setdefault(inner.collection, []).append(kept)
        return kept

    def _is_full(self) -> bool:
        keys = sum(len(each.keys) for each in self._sets.values())
        return len(self._sets) >= SETS_MAX or keys > KEYS_MAX

    def forget(self) -> None:
        """Make every set anew when it is asked for; what has changed until then is forgotten."""
        self._sets.clear()
        self._of.clear()
        self._recent.clear()

    def _settle(self) -> None:
        """Look again at what was touched, in sets that others rest on first."""
        self._is_settling = True
        try:
            for kept in list(self._sets.values()):
                touched, kept.touched = kept.touched, {}
                if len(touched) > TOUCHED_MAX:
                    self.forget()
                    break
                if touched:
                    self._look_again(kept, touched)
        finally:
            self._is_settling = self._is_touched = False
        if not self._database.in_transaction:
            self._recent.clear()

    def _look_again(self, kept: _Kept, touched: dict[str, int]) -> None:
        rows = self._documents.rows(kept.inner.collection, list(touched))
        for doc_id, seq in touched.items():
            row = rows.get(doc_id)
            document: Document | None = None
            if row is not None and row.body is not None:
                document = {"_id": doc_id, **self._database.parse(row.body)}
            key = None if document is None else key_in(kept.inner, document, self)
            changed = kept.put(doc_id, key)
            if changed:
                kept.note(seq, changed)
                self._pass_on(kept, seq, changed)

    def _pass_on(self, kept: _Kept, seq: int, changed: set[Hashable]) -> None:
        """Documents of sets that rest on this one are to be looked at again."""
        for other in self._sets.values():
            for probe in other.inner.selection.probes:
                if probe.inner.name == kept.inner.name:
                    for key in changed:
                        found = self._resting_on(other.inner.collection, probe, key)
                        other.touched.update(dict.fromkeys(found, seq))

    def _resting_on(self, collection: str, probe: Probe, key: Hashable) -> list[str]:
        found = self.lookups.by_parts(collection, probe.paths, parts_of_key(key))
        return self.lookups.ids(collection) if found is None else found
