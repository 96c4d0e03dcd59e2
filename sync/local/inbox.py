"""What the hub sends, merged into this replica: parts, snapshots and verdicts (S1, S3, S4, L7).

``receive`` takes the messages that have arrived together and commits them as one transaction, with
the cursor moved on in the same commit, so that a kill at any instant repeats or loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sync.core.batch import Batch
from sync.core.conflicts import Provenance
from sync.core.decode import decode
from sync.core.packing import remap, unpack
from sync.core.state import Key, Leaf
from sync.errors import AlreadyTaken, ReplicaForked
from sync.local.documents import Row
from sync.local.held import Held
from sync.local.merging import Planned
from sync.local.oplog import Status, provenance_of
from sync.local.own_work import UNSETTLED
from sync.local.parts import Parts
from sync.local.unsettled import Unsettled
from sync.wire.messages import (
    Begin,
    Docs,
    End,
    Hello,
    Message,
    Outcome,
    Part,
    Ping,
    Position,
    Settled,
    Verdict,
)

Changed = dict[str, set[str]]

_REPLACES = "snapshot_replaces"
"""Note that stands while a snapshot replaces rather than merges; it survives a restart."""


@dataclass(slots=True)
class Received:
    """What a call of ``receive`` did, for status and live queries."""

    changed: Changed = field(default_factory=dict)
    documents: int = 0
    conflicts: int = 0
    forked: ReplicaForked | None = None

    def note(self, collection: str, doc_id: str) -> None:
        """A visible document moved."""
        self.changed.setdefault(collection, set()).add(doc_id)

    def note_all(self, names: Iterable[tuple[str, str]]) -> None:
        """Visible documents moved."""
        for collection, doc_id in names:
            self.note(collection, doc_id)


class Inbox:
    """Applies the pull stream of the hub to one replica."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._merging = parts.merging
        self._log = parts.log
        self._unsettled = Unsettled(parts)
        self._held = Held(parts)

    def receive(self, messages: Sequence[Message]) -> Received:
        """Apply messages in order, in one commit.

        ``forked`` of the result is set when the hub settled a batch under our number that is not
        ours (C8): what came before it is committed, it and what follows is not.
        """
        identity = self._parts.identity
        received = Received()
        forked: ReplicaForked | None = None
        with self._parts.database.transaction():
            identity.seq += 1
            try:
                for message in messages:
                    self._apply(message, received)
            except ReplicaForked as error:
                forked = error
            identity.save()
        received.forked = forked
        return received

    def _apply(self, message: Message, received: Received) -> None:
        identity = self._parts.identity
        match message:
            case Hello():
                interrupted = not identity.cursor and identity.hub_epoch not in ("", message.epoch)
                if message.shared < identity.known or interrupted:
                    self._hub_forgot(message.shared)
                anew = identity.scope not in ("", message.scope)
                of_old = self._held.release_all() if anew else []
                received.note_all(of_old + self._held.release_old(message.hub_time_ms))
                if message.snapshot:  # due from now on, whatever is cut off in between
                    identity.cursor, identity.cursor_chain = 0, ""
                identity.hub_epoch, identity.scope = message.epoch, message.scope
            case Begin():
                self._begin(message, received)
            case Docs():
                self._merge_docs(message, received)
                self._parts.database.executemany(
                    "INSERT OR IGNORE INTO arrived(collection, id) VALUES(?, ?)",
                    ((message.collection, row.doc_id) for row in message.rows),
                )
            case End():
                self._sweep(received)
                self._parts.database.execute("DELETE FROM notes WHERE name = ?", (_REPLACES,))
                self._move(message.at, message.chain)
            case Part():
                self._merge_part(message, received)
                self._move(message.seq, message.chain)
            case Settled():
                received.note_all(self._held.settled(message.replica, message.n))
            case Outcome():
                self._settle(message.verdict, message.seq, received)
                self._move(message.seq, message.chain)
            case Position():
                self._move(message.seq, message.chain)
            case Ping():
                pass

    def _move(self, seq: int, chain: str) -> None:
        identity = self._parts.identity
        identity.cursor, identity.cursor_chain = seq, chain
        identity.known = max(identity.known, seq)

    def _begin(self, begin: Begin, received: Received) -> None:
        """A snapshot starts: everything held is on trial until it arrives again."""
        for seq, verdict in begin.own:
            self._settle(verdict, seq, received, in_turn=False)
        if self._replaces():
            self._offer_forgotten(max((verdict.n for _, verdict in begin.own), default=0))
        self._parts.database.execute("DELETE FROM arrived")
        identity = self._parts.identity
        identity.cursor, identity.cursor_chain = 0, ""

    def _hub_forgot(self, shared: int) -> None:
        """The hub was restored from a backup, or may have been in the middle of a snapshot: the
        snapshot to come replaces what it sent before."""
        identity = self._parts.identity
        identity.cursor, identity.cursor_chain = 0, ""
        identity.known = min(identity.known, shared)
        self._log.unlearn_after(shared)
        self._parts.database.execute(
            "INSERT OR IGNORE INTO notes(name, value) VALUES(?, 'true')", (_REPLACES,)
        )

    def _replaces(self) -> bool:
        rows = self._parts.database.query("SELECT 1 FROM notes WHERE name = ?", (_REPLACES,))
        return bool(rows)

    def _offer_forgotten(self, newest: int) -> None:
        """Offer own batches again that the hub once held and holds no more (S1)."""
        database, replica = self._parts.database, self._parts.identity.replica
        elsewhere = any(entry.replica != replica for entry in self._log.forgotten())
        if elsewhere or self._log.is_broken_after(replica, newest):
            raise ReplicaForked("The hub has forgotten batches that cannot be offered as they are.")
        for entry in self._log.with_status(("accepted",)):
            if entry.replica == replica and entry.n > newest:
                self._log.mark(entry.seq, "offered")
                names = [(d.collection, d.doc_id) for d in decode(entry.payload).deltas]
                database.executemany(
                    "INSERT OR IGNORE INTO confirmed(collection, id) VALUES(?, ?)", names
                )
                database.executemany(
                    "INSERT OR IGNORE INTO pending(collection, id, replica, n) VALUES(?, ?, ?, ?)",
                    ((*name, replica, entry.n) for name in names),
                )

    def _sweep(self, received: Received) -> None:
        """Drop what a complete snapshot did not bring: it left the scope meanwhile (S4)."""
        database, documents = self._parts.database, self._parts.documents
        for name in documents.collections:
            stale = database.query(
                f"SELECT id FROM {documents.table(name)} AS held WHERE"
                " NOT EXISTS (SELECT 1 FROM arrived WHERE collection = ? AND id = held.id)",
                (name,),
            )
            for (doc_id,) in stale:
                if self._merging.confirmed(name, [doc_id]).get(doc_id, True) is not None:
                    received.note_all(self._held.leave(name, doc_id))  # the hub knew it
                if not self._unsettled.retract(name, doc_id) and self._replaces():
                    self._unsettled.rebuild(name, doc_id)
                received.note(name, doc_id)
        database.execute("DELETE FROM arrived")

    def _merge_part(self, part: Part, received: Received) -> None:
        source = part.source
        batch = Batch(
            replica=source.replica,
            n=source.n,
            hlc=source.hlc,
            user=source.user,
            context=source.context,
            prev="",
            deltas=part.deltas,
        )
        self._learn([source])
        entering = [self._without_held(docs) for docs in part.whole]
        self._merge(
            [(d.collection, d.doc_id) for d in part.deltas],
            lambda i, held: self._merging.merge_logged(held, batch, part.deltas[i], part.seq),
            received,
        )
        for docs in entering:
            self._merge_docs(docs, received)
        received.note_all(self._held.settled(source.replica, source.n, part.origin))
        for collection, doc_id in part.gone:
            received.note_all(self._held.leave(collection, doc_id))
            if self._unsettled.retract(collection, doc_id):
                received.note(collection, doc_id)

    def _without_held(self, docs: Docs) -> Docs:
        """Only the documents that enter the scope. One that was in it all the time merges the
        delta alone: its present form would bring later writes before the ones they beat (C5)."""
        ids = [row.doc_id for row in docs.rows]
        held = {
            **self._parts.documents.rows(docs.collection, ids),
            **self._merging.confirmed(docs.collection, ids),
        }
        entering = tuple(
            r for r in docs.rows if not self._parts.documents.is_whole(held.get(r.doc_id))
        )
        return replace(docs, rows=entering)

    def _merge_docs(self, docs: Docs, received: Received) -> None:
        """Whole documents: unseen ones pass through, known ones merge leaf by leaf."""
        documents = self._parts.documents
        self._learn(docs.sources)
        replaces = self._replaces()

        def merged(i: int, held: Row | None) -> Planned:
            row = docs.rows[i]
            if held is None or replaces:
                meta = remap(row.meta, lambda site: documents.site_of(docs.sites[site]))
                fresh = Row(row.body, meta, row.ghost)
                return Planned(docs.collection, row.doc_id, held, fresh, [], [])
            state, _ = unpack(row.body, row.meta, docs.sites.__getitem__)
            leaves: list[tuple[Key, Leaf]] = list(state.items())
            plan = self._merging.merge_leaves(docs.collection, row.doc_id, held, leaves, None)
            return replace(plan, beaten=[])  # what lay between the two forms is not known (C5)

        self._merge([(docs.collection, row.doc_id) for row in docs.rows], merged, received)
        if replaces:  # where own work waits, it goes back on top of what was replaced
            for row in docs.rows:
                if self._merging.confirmed(docs.collection, [row.doc_id]):
                    self._unsettled.rebuild(docs.collection, row.doc_id)

    def _merge(
        self,
        names: list[tuple[str, str]],
        merged: Callable[[int, Row | None], Planned],
        received: Received,
    ) -> None:
        """Merge into the visible rows, and into the confirmed form where own work waits (L7)."""
        self._held.enter(names)
        seq = self._parts.identity.seq
        waiting = self._merging.has_pending()
        visible: list[Planned] = []
        shadowed: list[Planned] = []
        confirmed: list[Planned] = []
        for collection, indexes in _grouped(names).items():
            ids = [names[i][1] for i in indexes]
            rows = self._parts.documents.rows(collection, ids)
            held = self._merging.confirmed(collection, ids) if waiting else {}
            for i in indexes:
                doc_id = names[i][1]
                plan = merged(i, rows.get(doc_id))
                if doc_id in held:
                    shadowed.append(plan)
                    confirmed.append(merged(i, held[doc_id]))
                else:
                    visible.append(plan)
        received.conflicts += self._merging.apply_confirmed(seq, confirmed)
        applied = self._merging.apply(seq, visible)
        received.conflicts += applied.conflicts
        received.documents += len(names)
        for changed in (applied.changed, self._merging.apply(seq, shadowed, judge=False).changed):
            for collection, doc_ids in changed.items():
                received.changed.setdefault(collection, set()).update(doc_ids)

    def _learn(self, sources: Iterable[Provenance]) -> None:
        for source in sources:
            self._log.learn(source, of_hub=True)
            self._parts.identity.clock.observe(source.hlc)

    def _settle(
        self, verdict: Verdict, seq: int, received: Received, *, in_turn: bool = True
    ) -> None:
        """The hub's verdict on one own batch: confirmed, or set aside (S3, L7). ``in_turn``: when
        everything before it in the log has arrived, as it has not when a snapshot begins."""
        n, error = verdict.n, verdict.error
        entry = self._log.of(self._parts.identity.replica, n)
        if entry is None or entry.digest != verdict.digest:
            raise ReplicaForked(f"The hub holds another batch {n} of this replica.")
        if entry.status not in UNSETTLED:
            if error is not None and entry.status == "accepted":
                # A restored hub judged a late copy of the push anew; the snapshot shows the rest.
                self._log.mark(entry.seq, "rejected", json.dumps(error.to_json()))
            return
        batch = decode(entry.payload)
        if error is None:
            self._log.learn(provenance_of(batch, seq))
            received.conflicts += self._unsettled.confirm(batch, seq, judge=in_turn)
            self._log.mark(entry.seq, "accepted")
        else:
            fate: Status = "discarded" if isinstance(error, AlreadyTaken) else "rejected"
            self._log.mark(entry.seq, fate, json.dumps(error.to_json()))
        touched = [(str(d.collection), str(d.doc_id)) for d in batch.deltas]
        sql = "DELETE FROM pending WHERE replica = ? AND n = ?"
        self._parts.database.execute(sql, (entry.replica, n))
        for collection, doc_id in touched:
            is_held = self._merging.confirmed(collection, [doc_id]).get(doc_id) is not None
            if error is not None or not is_held:
                self._unsettled.rebuild(collection, doc_id)
                received.note(collection, doc_id)
            self._unsettled.close(collection, doc_id)


def _grouped(names: list[tuple[str, str]]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for index, (collection, _) in enumerate(names):
        groups.setdefault(collection, []).append(index)
    return groups
