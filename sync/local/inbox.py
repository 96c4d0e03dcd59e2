"""What the hub sends, merged into this replica: parts, snapshots and verdicts (S1, S3, S4, L7).

``receive`` takes the messages that have arrived together and commits them as one transaction, with
the cursor moved on in the same commit, so that a kill at any instant repeats or loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sync.core.batch import Batch
from sync.core.conflicts import Provenance
from sync.core.decode import decode
from sync.core.packing import unpack
from sync.core.state import Key, Leaf
from sync.errors import AlreadyTaken, ReplicaForked
from sync.local import passing
from sync.local.arrivals import Arrivals
from sync.local.collecting import NOTHING_COLLECTED
from sync.local.documents import Row
from sync.local.entries import Status
from sync.local.held import Held, Traces
from sync.local.merging import Planned
from sync.local.oplog import provenance_of
from sync.local.overwrites import Overwrites
from sync.local.own_work import UNSETTLED, offer_forgotten
from sync.local.parts import Parts
from sync.local.received import Received
from sync.local.small_parts import SmallParts
from sync.local.unsettled import Unsettled
from sync.wire.messages import (
    Begin,
    Docs,
    End,
    Gone,
    Hello,
    Message,
    Outcome,
    Part,
    Ping,
    Position,
    Settled,
    Sizes,
    Verdict,
)

Item = TypeVar("Item")

_REPLACES = "snapshot_replaces"
"""Note that stands while a snapshot replaces rather than merges; it survives a restart."""
_REACH = "documents_reach"
"""Note of how far the log had come when whole documents were last read."""


class Inbox:
    """Applies the pull stream of the hub to one replica."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._merging = parts.merging
        self._log = parts.log
        self._unsettled = Unsettled(parts)
        self._held = Held(parts)
        self._arrivals = Arrivals(parts)
        self._overwrites = Overwrites(parts, self._held)
        self._small_parts = SmallParts(parts, self._held)

    def receive(self, messages: Sequence[Message]) -> Received:
        """Apply messages in order, in one commit.

        ``forked`` of the result is set when the hub settled a batch under our number that is not
        ours (C8): what came before it is committed, it and what follows is not.
        """
        alone = messages[0] if len(messages) == 1 else None
        with self._parts.database.lock:
            received = None if alone is None else self._small_parts.commit(alone)
            if received is None:
                received = self._commit(messages)
                if alone is not None:
                    self._small_parts.follows(alone)
        return received

    def _commit(self, messages: Sequence[Message]) -> Received:
        identity, received = self._parts.identity, Received()
        with self._parts.database.transaction(), NOTHING_COLLECTED:
            identity.seq += 1
            self._apply_all(messages, received)
            identity.save()
        return received

    def _apply_all(self, messages: Sequence[Message], received: Received) -> None:
        try:
            for message in messages:
                if not received.again:
                    self._apply(message, received)
        except ReplicaForked as error:
            received.forked = error

    def _apply(self, message: Message, received: Received) -> None:
        match message:
            case Hello():
                self._greet(message, received)
            case Begin():
                self._begin(message, received)
            case Docs():
                self._merge_docs(message, received)
                is_whole = not self._parts.identity.cursor  # see ``_begin``
                self._arrivals.came(message.collection, message.ids, whole=is_whole)
            case Gone():
                self._arrivals.go(message.collection, message.ids)
            case End():
                self._end(message, received)
            case Part():
                self._merge_part(message, received)
                self._parts.identity.read_to(message.seq, message.chain)
            case Settled():
                received.note_all(self._held.settled(message.replica, message.n))
            case Outcome():
                in_turn = self._parts.identity.cursor > 0
                self._settle(message.verdict, message.seq, received, in_turn=in_turn)
                if not message.more:
                    self._parts.identity.read_to(message.seq, message.chain)
            case Position():
                self._parts.identity.read_to(message.seq, message.chain)
            case Sizes() | Ping():
                pass

    def _greet(self, hello: Hello, received: Received) -> None:
        """What the hub and this replica have in common, before anything else arrives."""
        identity = self._parts.identity
        other_epoch = identity.hub_epoch not in ("", hello.epoch)
        ahead = not identity.cursor or self._arrivals.is_under_way()
        if hello.shared < identity.known or (
            other_epoch and (ahead or identity.cursor < (self._noted(_REACH) or 0))
        ):
            self._hub_forgot(hello.shared)
            received.again = not hello.snapshot
        elif not hello.snapshot and not hello.difference:
            for name in self._arrivals.break_off():
                self._retract(name, received)
        of_old = self._held.release_all() if identity.scope not in ("", hello.scope) else []
        received.note_all(of_old + self._held.release_old(hello.hub_time_ms))
        if hello.snapshot:  # due from now on, whatever is cut off in between
            identity.cursor, identity.cursor_chain = 0, ""
        identity.hub_epoch = hello.epoch

    def _begin(self, begin: Begin, received: Received) -> None:
        """A snapshot starts: everything held is on trial until it arrives again. Or a difference:
        the cursor and its scope stand until that is complete."""
        for seq, verdict in begin.own:
            self._settle(verdict, seq, received, in_turn=False)
        if self._replaces():
            newest = max((verdict.n for _, verdict in begin.own), default=0)
            received.note_all(offer_forgotten(self._parts, newest))
        self._arrivals.begin(whole=begin.whole)
        if begin.whole:
            identity = self._parts.identity
            identity.cursor, identity.cursor_chain = 0, ""
            self._parts.indexes.put_away(begin.total)

    def _end(self, end: End, received: Received) -> None:
        """What came is complete: what it has left out goes (S4), and the log follows."""
        for name in self._arrivals.end(whole=end.whole):
            self._retract(name, received, named=not end.whole)
        self._parts.indexes.bring_back()
        self._note(_REPLACES, None)
        self._note(_REACH, end.reach)
        self._parts.identity.scope = end.scope
        self._parts.identity.read_to(end.at, end.chain)

    def _retract(self, name: tuple[str, str], received: Received, *, named: bool = True) -> None:
        """A document is in the scope no more; ``named``: the hub has said so of this one."""
        if named or self._merging.confirmed(name[0], [name[1]]).get(name[1], True) is not None:
            received.note_all(self._held.leave(*name))  # the hub knew it
        if not self._unsettled.retract(*name) and self._replaces():
            self._unsettled.rebuild(*name)
        received.note(*name)

    def _noted(self, name: str) -> int | None:
        rows = self._parts.database.query("SELECT value FROM notes WHERE name = ?", (name,))
        return int(self._parts.database.parse(rows[0][0])) if rows else None

    def _note(self, name: str, value: int | None) -> None:
        self._parts.database.execute("DELETE FROM notes WHERE name = ?", (name,))
        if value is not None:
            row = (name, str(value))
            self._parts.database.execute("INSERT INTO notes(name, value) VALUES(?, ?)", row)

    def _hub_forgot(self, shared: int) -> None:
        """The hub was restored from a backup, or may have been in the middle of a snapshot: the
        snapshot to come replaces what it sent before."""
        identity = self._parts.identity
        identity.cursor, identity.cursor_chain = 0, ""
        identity.known = min(identity.known, shared)
        self._log.unlearn_after(shared)
        self._note(_REPLACES, 1)

    def _replaces(self) -> bool:
        return self._noted(_REPLACES) is not None

    def _merge_part(self, part: Part, received: Received) -> None:
        if self._small_parts.merge(part, received):
            return
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
        entering = [passing.entering(self._parts, docs) for docs in part.whole]
        traces = self._held.traces()
        left = self._overwrites.merge(batch, part, traces, received)
        names = [(delta.collection, delta.doc_id) for delta in left]
        self._merge(names, left, self._merging.logged(batch, part.seq), traces, received)
        for docs in entering:
            self._merge_docs(docs, received)
        if traces.held:
            received.note_all(self._held.settled(source.replica, source.n, part.origin))
        for name in part.gone:
            self._retract(name, received)

    def _merge_docs(self, docs: Docs, received: Received) -> None:
        """Whole documents: unseen ones pass through, known ones merge leaf by leaf."""
        documents = self._parts.documents
        self._learn(docs.sources)
        ids = docs.ids
        strays = self._unsettled.enter(docs.collection, ids)
        metas = passing.metas_of(self._parts, docs)
        if passing.are_unseen(self._parts, docs.collection, ids):
            if self._held.traces().evicted:
                self._held.enter([(docs.collection, doc_id) for doc_id in ids])
            seq = self._parts.identity.seq
            documents.save_columns(docs.collection, seq, ids, docs.bodies, metas, docs.ghosts)
            received.documents += len(ids)
            received.changed.setdefault(docs.collection, set()).update(ids)
            return
        replaces = self._replaces()

        def merged(held: Row | None, i: int) -> Planned:
            as_it_came = Row(docs.bodies[i], metas[i], docs.ghosts[i])
            if held is None or replaces:
                return Planned(docs.collection, ids[i], held, as_it_came)
            if held == as_it_came:
                return Planned(docs.collection, ids[i], held, None)
            state, _ = unpack(docs.bodies[i], docs.metas[i], docs.sites.__getitem__)
            leaves: list[tuple[Key, Leaf]] = list(state.items())
            plan = self._merging.merge_leaves(docs.collection, ids[i], held, leaves, None)
            return plan._replace(lost=())  # what lay between the two forms is not known (C5)

        names = [(docs.collection, doc_id) for doc_id in ids]
        self._merge(names, range(len(ids)), merged, self._held.traces(), received)
        for doc_id in ids:  # where own work waits, it goes back on top of what was replaced
            is_anew = replaces or doc_id in strays
            if is_anew and self._merging.confirmed(docs.collection, [doc_id]):
                self._unsettled.rebuild(docs.collection, doc_id)

    def _merge(
        self,
        names: Sequence[tuple[str, str]],
        items: Sequence[Item],
        merged: Callable[[Row | None, Item], Planned],
        traces: Traces,
        received: Received,
    ) -> None:
        """Merge into the visible rows, and into the confirmed form where own work waits (L7)."""
        if traces.evicted:
            self._held.enter(names)
        seq = self._parts.identity.seq
        visible: list[Planned] = []
        shadowed: list[Planned] = []
        confirmed: list[Planned] = []
        for collection, indexes in _grouped(names).items():
            indexes.sort(key=lambda i: names[i][1])  # as rows lie in the file
            ids = [names[i][1] for i in indexes]
            rows = self._parts.documents.rows(collection, ids)
            held = self._merging.confirmed(collection, ids) if traces.pending else {}
            for i in indexes:
                doc_id = names[i][1]
                plan = merged(rows.get(doc_id), items[i])
                if doc_id in held:
                    shadowed.append(plan)
                    confirmed.append(merged(held[doc_id], items[i]))
                else:
                    visible.append(plan)
        received.documents += len(names)
        received.take(self._merging.apply(seq, visible))
        if confirmed:
            received.conflicts += self._merging.apply_confirmed(seq, confirmed)
            received.take(self._merging.apply(seq, shadowed, judge=False))

    def _learn(self, sources: Iterable[Provenance]) -> None:
        for source in sources:
            self._log.learn(source, of_hub=True)
            self._parts.identity.clock.observe(source.hlc)

    def _settle(
        self, verdict: Verdict, seq: int, received: Received, *, in_turn: bool = True
    ) -> None:
        """The hub's verdict on one own batch: confirmed, or set aside (S3, L7). ``in_turn``: when
        everything before it in the log has arrived, as it has not before the end of a snapshot."""
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


def _grouped(names: Sequence[tuple[str, str]]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for index, (collection, _) in enumerate(names):
        groups.setdefault(collection, []).append(index)
    return groups
