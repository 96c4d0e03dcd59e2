"""Accepting a push (S2, S3, C8): recognise, judge, merge, log; then acknowledge.

Every batch of a replica gets a place in the log exactly once, accepted or rejected, so nothing
behind a rejected batch is blocked and a repeated push changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from sync.core.batch import Batch, Context, digest_of
from sync.core.conflicts import Provenance
from sync.core.decode import decode
from sync.core.stamps import is_ahead, ms_of_hlc
from sync.core.state import EXISTS
from sync.core.values import DOCUMENT_BYTES_MAX
from sync.errors import (
    AlreadyTaken,
    AuthorMismatch,
    ChangeTooLarge,
    ClockAhead,
    DocumentUnknown,
    Rejection,
    ReplicaForked,
)
from sync.hub.commit import Commit
from sync.hub.outcome import outcome
from sync.hub.shapes import judge_shape
from sync.hub.tail import Logged, Tail
from sync.ids import ReplicaId
from sync.local.documents import Row
from sync.local.entries import Entry
from sync.local.merging import Planned
from sync.local.oplog import next_chain
from sync.local.replica import Replica
from sync.peer.identity import Identity
from sync.peer.rights import BatchStates, Rights, RightsOf, effects_of, judge_writes


class Pushed(NamedTuple):
    """Batches of one replica, and who pushes them."""

    identity: Identity
    replica: ReplicaId
    payloads: Sequence[bytes]


class Taken(NamedTuple):
    """What a push has come to: the number of the newest batch now held of its replica, and the last
    batch of it that is held, if any."""

    head: int
    newest: Batch | None


@dataclass(slots=True)
class _Run:
    """One push under way."""

    identity: Identity
    rights: Rights
    replica: ReplicaId
    payloads: Sequence[bytes]
    batches: Sequence[Batch | Exception]
    """What the payloads are, or what is wrong with them."""
    changed: dict[str, set[str]] = field(default_factory=dict)
    logged: list[Logged] = field(default_factory=list)
    newest: Batch | None = None


class Intake:
    """Takes batches into the hub's replica."""

    def __init__(self, replica: Replica, rights_of: RightsOf, tail: Tail) -> None:
        """``tail`` is told what was taken, which it then needs not read."""
        self._replica = replica
        self._rights_of = rights_of
        self._parts = replica.parts
        self._tail = tail

    def take(self, identity: Identity, replica: ReplicaId, payloads: Sequence[bytes]) -> Taken:
        """Take batches in order.

        A gap ends the run early: the returned number tells the device where to start again.
        ``ReplicaForked`` when a number comes with other contents than before.
        """
        return self._commit([Pushed(identity, replica, payloads)])[0]

    def take_all(self, pushes: Sequence[Pushed]) -> list[Taken | Exception]:
        """``take`` of several in order, or what it raises: in one commit, or, where one of them
        fails, in a commit each."""
        found = outcome(partial(self._commit, pushes))
        if not isinstance(found, Exception):
            return [*found]
        if len(pushes) == 1:
            return [found]
        return [outcome(partial(self.take, *each)) for each in pushes]

    def _commit(self, pushes: Sequence[Pushed]) -> list[Taken]:
        runs = [self._run(push) for push in pushes]
        batches = [each for run in runs for each in run.batches if isinstance(each, Batch)]
        with self._parts.database.lock:
            with self._parts.database.transaction():
                commit = Commit(self._parts, [run.replica for run in runs])
                commit.look_ahead(batches)
                taken = [self._take(run, commit) for run in runs]
                commit.end()
            self._tail.grew([logged for run in runs for logged in run.logged])
        for run in runs:
            self._replica.notify(run.changed)
        return taken

    def _run(self, push: Pushed) -> _Run:
        identity, replica, payloads = push
        batches = [outcome(partial(decode, payload)) for payload in payloads]
        return _Run(identity, self._rights_of(identity), replica, payloads, batches)

    def _take(self, run: _Run, commit: Commit) -> Taken:
        for payload, batch in zip(run.payloads, run.batches, strict=True):
            if isinstance(batch, Exception):
                raise batch
            if not self._take_one(run, commit, payload, batch):
                break
        return Taken(commit.heads[run.replica][0], run.newest)

    def _take_one(self, run: _Run, commit: Commit, payload: bytes, batch: Batch) -> bool:
        """Take one batch; False where one before it is missing."""
        digest, replica = digest_of(payload), run.replica
        if batch.replica != replica:
            raise AuthorMismatch("The batch was made on another device than the one pushing.")
        head_n, head_digest = commit.heads[replica]
        if batch.n <= head_n:
            held = commit.entry(replica, batch.n)
            if held is not None and held.digest != digest:
                raise ReplicaForked(f"Batch {batch.n} of this replica has other contents here.")
            run.newest = batch
            return True
        if batch.n > head_n + 1:
            return False
        if batch.prev != head_digest:
            raise ReplicaForked(f"Batch {batch.n} does not follow the one before it.")
        planned = self._parts.merging.plan(batch, commit)
        try:
            if commit.has_taken(batch, digest):
                raise AlreadyTaken("The hub has this change from a copy of this device's file.")
            self._judge(run, commit, batch, planned)
        except Rejection as error:
            run.logged.append(self._log(commit, batch, payload, digest, error))
        else:
            run.logged.append(self._log(commit, batch, payload, digest, None))
            self._parts.identity.clock.observe(batch.hlc)
            applied = self._parts.merging.apply(self._parts.identity.seq, planned, commit)
            for collection, doc_ids in applied.changed.items():
                run.changed.setdefault(collection, set()).update(doc_ids)
        commit.heads[replica] = (batch.n, digest)
        run.newest = batch
        return True

    def _judge(self, run: _Run, commit: Commit, batch: Batch, planned: list[Planned]) -> None:
        """Raise the ``Rejection`` this batch deserves, if any (S3)."""
        now_ms = self._parts.clock.now_ms()
        if is_ahead(batch.hlc, now_ms):
            minutes = (ms_of_hlc(batch.hlc) - now_ms) // 60_000
            raise ClockAhead(f"The change is stamped {minutes} minutes in the future.")
        if batch.user != run.identity.user_id:
            raise AuthorMismatch(f"The change was made by {batch.user}, who is not signed in.")
        self._judge_presence(batch, planned)
        effects = effects_of(planned)
        judge_writes(run.rights, batch, effects, BatchStates(self._parts, planned, commit.settle))
        for item, before, after in effects:
            judge_shape(item.collection, before, after)
            _judge_size(item)

    def _judge_presence(self, batch: Batch, planned: list[Planned]) -> None:
        """Raise ``DocumentUnknown`` for a change of what is not here: a peer showed the author a
        document whose own author has not met the hub. Taken in, it would be there in no scope."""
        unknown = [item for item in planned if item.held is None]
        if not unknown:
            return
        made = {(d.collection, d.doc_id) for d in batch.deltas if EXISTS in dict(d.ops())}
        for item in unknown:
            if (item.collection, item.doc_id) not in made:
                raise DocumentUnknown(f"The hub has no {item.collection} {item.doc_id} yet.")

    def _provenance(self, batch: Batch) -> Provenance:
        """Where the batch comes from; what its writer had merged, in terms of our present log."""
        identity, context = self._parts.identity, batch.context
        seq = self._parts.log.shared(context.epoch, context.seq, identity.epoch)
        known = Context(identity.epoch, seq, context.beside)
        return Provenance(batch.replica, batch.n, batch.hlc, batch.user, known, identity.seq)

    def _log(
        self, commit: Commit, batch: Batch, payload: bytes, digest: str, error: Rejection | None
    ) -> Logged:
        identity = self._parts.identity
        identity.seq += 1
        identity.chain = next_chain(identity.chain, digest)
        entry = Entry(
            seq=identity.seq,
            replica=batch.replica,
            n=batch.n,
            digest=digest,
            chain=identity.chain,
            status="accepted" if error is None else "rejected",
            at_ms=self._parts.clock.now_ms(),
            payload=payload,
            reason=None if error is None else json.dumps(error.to_json()),
        )
        commit.log(entry, None if error else self._provenance(batch), batch.origin)
        return Logged(entry, batch)


def _judge_size(item: Planned) -> None:
    """Raise ``ChangeTooLarge`` for a document that grows beyond what a device may hold."""
    size = 0 if item.row is None else _bytes(item.row)
    if size > DOCUMENT_BYTES_MAX and (item.held is None or size > _bytes(item.held)):
        raise ChangeTooLarge(
            f"{item.collection} {item.doc_id} would have {size} bytes, over {DOCUMENT_BYTES_MAX}."
        )


def _bytes(row: Row) -> int:
    return 0 if row.body is None else len(row.body.encode())
