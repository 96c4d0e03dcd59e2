"""The merge loop: deltas against rows (C2, L1, L7). This is the hot path.

``plan`` reads the rows a batch touches, merges in memory and writes nothing, so that a hub can
judge the outcome first; ``apply`` writes what ``plan`` found. One SELECT and one write per
collection and batch; a document nobody has seen passes through without being taken apart.

Where own work waits for the hub, a document has two forms: the row a reader sees, and the
confirmed form beside it. Conflicts are found on the confirmed form alone, because only that is
merged in the order of the hub's log on every replica.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from sync.core.batch import Batch, Change, Delta
from sync.core.conflicts import Lost, losses, soft_delete_clashes
from sync.core.losses import Losses
from sync.core.overwriting import Overwriting
from sync.core.packing import pack, pack_birth, stamps_in
from sync.core.stamps import Stamp
from sync.core.state import EXISTS, ROOT, Beaten, Key, Leaf, State, merge
from sync.core.values import canonical
from sync.core.visible import overlaid, visible
from sync.local.database import Database
from sync.local.documents import Documents, Row, row_of
from sync.local.history import History


class Planned(NamedTuple):
    """What merging one delta does to one document, and what lost. ``row`` is None when nothing
    moved."""

    collection: str
    doc_id: str
    held: Row | None
    row: Row | None
    lost: Sequence[Lost] = ()

    @property
    def after(self) -> Row | None:
        """The row as it stands after the merge."""
        return self.held if self.row is None else self.row


_planned: Callable[[tuple[Any, ...]], Planned] = partial(tuple.__new__, Planned)
"""``Planned`` without the Python call that makes a named tuple."""


class Applied(NamedTuple):
    """Totals of a merge: documents that moved, by collection, and new conflict records."""

    changed: dict[str, set[str]]
    conflicts: int


class Rows(Protocol):
    """Where visible rows are read and written."""

    def rows(self, collection: str, ids: Sequence[str]) -> dict[str, Row]:
        """The rows of some ids; ids without a row are absent."""
        ...

    def save(self, collection: str, seq: int, rows: Sequence[tuple[str, Row]]) -> None:
        """Write rows at commit ``seq``."""
        ...


class Merging:
    """Merges deltas into the rows of one replica."""

    def __init__(self, database: Database, documents: Documents, history: History) -> None:
        self._database = database
        self._documents = documents
        self.history = history

    def plan(self, batch: Batch, held: Rows | None = None) -> list[Planned]:
        """What ``batch`` does to the visible rows: those in the file, or ``held``."""
        planned: list[Planned] = []
        held = held or self._documents
        quick = self.overwriting(batch)
        for collection, deltas in _by_collection(batch.deltas):
            rows = held.rows(collection, [delta.doc_id for delta in deltas])
            planned += [self._merged(rows.get(d.doc_id), batch, d, quick) for d in deltas]
        return planned

    def overwriting(self, batch: Batch, losses: Losses | None = None) -> Overwriting:
        """The quick way to merge the commonest deltas of ``batch``, for as many as there are."""
        documents = self._documents
        return Overwriting(batch.stamp, documents.site_of, documents.replica_of, losses)

    def merge_delta(self, held: Row | None, batch: Batch, delta: Delta) -> Planned:
        """What one delta of ``batch`` does to one row."""
        return self._merged(held, batch, delta, self.overwriting(batch))

    def _merged(self, held: Row | None, batch: Batch, delta: Delta, quick: Overwriting) -> Planned:
        if isinstance(delta, Change):
            planned = _overwritten(held, delta, quick)
            if planned is not None:
                return planned
        elif held is None:
            row = Row(delta.body, pack_birth(batch.stamp, self._documents.site_of))
            return Planned(delta.collection, delta.doc_id, None, row)
        leaves = batch.leaves(delta)
        return self.merge_leaves(delta.collection, delta.doc_id, held, leaves, batch.stamp)

    def logged(self, batch: Batch, seq: int) -> Callable[[Row | None, Delta], Planned]:
        """What deltas of a batch at ``seq`` of the hub's log do to rows, in their turn.

        A change of a document that is not held is left out: where its scope is ours only by now,
        the whole document comes with the change that brought it (S4). A row from a snapshot may be
        newer than ``seq``: then what stood in between is not known, and what lost to whom is not
        judged."""
        documents, knows_all = self._documents, self.history.reach <= seq
        quick = self.overwriting(batch)

        def merged(held: Row | None, delta: Delta) -> Planned:
            is_whole = documents.is_whole(held)
            if isinstance(delta, Change) and not is_whole:
                return Planned(delta.collection, delta.doc_id, held, None)
            plan = self._merged(held, batch, delta, quick)
            if held is None or not plan.lost:
                return plan
            is_judged = is_whole and (knows_all or not self._is_newer(held, seq))
            return plan if is_judged else plan._replace(lost=())

        return merged

    def merge_logged(self, held: Row | None, batch: Batch, delta: Delta, seq: int) -> Planned:
        """``logged`` of one delta."""
        return self.logged(batch, seq)(held, delta)

    def _is_newer(self, held: Row, seq: int) -> bool:
        """Whether anything in a row comes from after ``seq`` of the hub's log."""
        stamps = (Stamp(h, self._documents.replica_of(s)) for h, s in stamps_in(held.meta))
        return any(self.history.seq_of(stamp) > seq for stamp in stamps)

    def merge_leaves(
        self,
        collection: str,
        doc_id: str,
        held: Row | None,
        leaves: list[tuple[Key, Leaf]],
        stamp: Stamp | None,
    ) -> Planned:
        """What some leaves do to one row; ``stamp`` is theirs if they share one."""
        state, _ = self._documents.state(held)
        changed, beaten = merge(state, leaves)
        clashes: list[Beaten] = []
        if stamp is not None and ("deleted",) in state:
            clashes = soft_delete_clashes(state, {key for key, _ in leaves}, stamp)
        after = self.row(state, held) if changed else None
        return Planned(collection, doc_id, held, after, losses(beaten, clashes))

    def row(self, state: State, held: Row | None) -> Row:
        """The row of a state that has grown out of ``held``."""
        shown = visible(state)
        body, meta = pack(state, shown, self._documents.site_of)
        last = None if held is None or ROOT not in state else held.undeleted
        ghost = None if last is None else canonical(overlaid(last, shown or {}))
        is_anew = EXISTS in state and ghost == body
        return Row(body, meta, None if is_anew else ghost)

    def apply(
        self, seq: int, planned: list[Planned], held: Rows | None = None, *, judge: bool = True
    ) -> Applied:
        """Write the visible rows of a plan at commit ``seq``, where they were read; record
        conflicts if asked to."""
        held = held or self._documents
        writes: dict[str, list[tuple[str, Row]]] = {}
        for collection, doc_id, _, row, _ in planned:
            if row is not None:
                writes.setdefault(collection, []).append((doc_id, row))
        for collection, rows in writes.items():
            held.save(collection, seq, rows)
        changed = {collection: {row[0] for row in rows} for collection, rows in writes.items()}
        return Applied(changed, self.keep_lost(seq, planned) if judge else 0)

    def apply_confirmed(self, seq: int, planned: list[Planned]) -> int:
        """Write the confirmed forms of a plan and record its conflicts; how many."""
        rows = [(p.collection, p.doc_id, p.row) for p in planned if p.row is not None]
        self.save_confirmed(rows)
        return self.keep_lost(seq, planned)

    def save_confirmed(self, rows: Iterable[tuple[str, str, Row]]) -> None:
        """Write confirmed forms."""
        self._database.executemany(
            "INSERT INTO confirmed(collection, id, body, meta, ghost) VALUES(?,?,?,?,?)"
            " ON CONFLICT(collection, id) DO UPDATE SET"
            " body = excluded.body, meta = excluded.meta, ghost = excluded.ghost",
            ((name, doc_id, *self._documents.columns(doc_id, row)) for name, doc_id, row in rows),
        )

    def confirmed(self, collection: str, ids: Iterable[str]) -> dict[str, Row | None]:
        """Confirmed forms by id, of those documents that own work waits on; None: not there yet."""
        found: dict[str, Row | None] = {}
        for doc_id in ids:
            rows = self._database.query(
                "SELECT body, meta, ghost FROM confirmed WHERE collection = ? AND id = ?",
                (collection, doc_id),
            )
            if rows:
                body, meta, ghost = rows[0]
                here = meta is not None
                found[doc_id] = self._documents.row(doc_id, body, meta, ghost) if here else None
        return found

    def has_pending(self) -> bool:
        """Whether any document has a confirmed form of its own."""
        return bool(self._database.query("SELECT 1 FROM pending LIMIT 1"))

    def keep_lost(self, seq: int, planned: Iterable[Planned]) -> int:
        """Record what of it was a conflict; how many records."""
        losses = self.history.losses()
        for item in planned:
            for lost in item.lost:
                losses.add(item.collection, item.doc_id, lost)
        return self.history.keep(seq, losses)


def _overwritten(held: Row | None, change: Change, quick: Overwriting) -> Planned | None:
    if held is None or held.body is None or held.ghost is not None:
        return None
    found = quick.merged(held.body, held.meta, change.keys, change.values)
    if found is None:
        return None
    body, meta, lost = found
    row = None if body is None else row_of((body, meta, None))
    return _planned((change.collection, change.doc_id, held, row, lost))


def _by_collection(deltas: Iterable[Delta]) -> Iterator[tuple[str, list[Delta]]]:
    groups: dict[str, list[Delta]] = {}
    for delta in deltas:
        groups.setdefault(delta.collection, []).append(delta)
    yield from groups.items()
