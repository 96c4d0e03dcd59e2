"""A batch from a peer: proved, judged, and held until the hub has spoken (S7, S3, S4, C1, C8).

What is refused leaves no trace, and the sender hears why.
"""

from __future__ import annotations

from sync.core.batch import Batch, Birth, digest_of
from sync.core.decode import decode
from sync.core.stamps import is_ahead
from sync.errors import (
    AuthorMismatch,
    ClockAhead,
    PeerDeclined,
    PeerFull,
    ReplicaForked,
    SignatureInvalid,
)
from sync.local.merging import Planned
from sync.local.replica import Replica
from sync.peer.proofs import Proof, is_signed
from sync.peer.rights import BatchStates, Rights, RightsOf, effects_of, judge_writes
from sync.peer.tokens import Bearer
from sync.ports import Signatures


class Reception:
    """Takes batches of peers into one replica."""

    def __init__(
        self, replica: Replica, signatures: Signatures, own: Rights, rights_of: RightsOf
    ) -> None:
        """``own`` are the rights of the person of this device."""
        self._replica = replica
        self._parts = replica.parts
        self._signatures = signatures
        self._own = own
        self._rights_of = rights_of

    def take(self, payload: bytes, author: Bearer, proof: Proof) -> bool:
        """Hold a batch, or raise why not; False if it was known."""
        batch = decode(payload)
        if (batch.replica, batch.user) != (author.replica, author.person.user_id):
            raise AuthorMismatch("The batch names another person or device than its token.")
        if not is_signed(self._signatures, author.public, payload, proof.signature):
            raise SignatureInvalid("The batch was not signed by the device it comes from.")
        if is_ahead(batch.hlc, self._parts.identity.now_ms()):
            raise ClockAhead("The change is stamped in the future of this device.")
        changed: dict[str, set[str]] = {}
        with self._parts.database.transaction():
            if self._is_known(batch, digest_of(payload)):
                return False
            names = self._give_way(batch)
            planned = self._judged(batch, author)
            if not self._replica.held.has_room(batch.replica, len(payload)):
                raise PeerFull("This device holds as much for others as it can.")
            identity = self._parts.identity
            identity.seq += 1
            names += self._replica.held.put(batch, payload, proof.to_text(), planned)
            identity.save()
        for collection, doc_id in names:
            changed.setdefault(collection, set()).add(doc_id)
        self._replica.notify(changed)
        return True

    def _is_known(self, batch: Batch, digest: str) -> bool:
        """Whether the work is here already; ``ReplicaForked`` if another batch has its name."""
        log, held = self._parts.log, self._replica.held
        first = batch.origin or (batch.replica, batch.n, digest)
        for name in {(batch.replica, batch.n, digest), first}:
            mine = log.of(*name[:2])
            if log.is_logged(*name[:2]) or (mine is not None and mine.digest == name[2]):
                return True
        there = held.of(batch.replica, batch.n)
        if there is not None and there.digest == digest:
            return True
        before, after = (held.of(batch.replica, batch.n + step) for step in (-1, 1))
        unchained = before is not None and before.digest != batch.prev
        unfollowed = after is not None and decode(after.payload).prev != digest
        if there or unchained or unfollowed or batch.replica == self._replica.id:
            raise ReplicaForked(f"Batch {batch.n} of this device has other contents here.")
        return False

    def _give_way(self, batch: Batch) -> list[tuple[str, str]]:
        """What was written again takes the place of what we hold under its first name."""
        return [] if batch.origin is None else self._replica.held.settled(*batch.origin[:2])

    def _judged(self, batch: Batch, author: Bearer) -> list[Planned]:
        """What the batch does here, if its author may do it and we may hold what comes of it."""
        planned = self._parts.merging.plan(batch)
        states, effects = BatchStates(self._parts, planned), effects_of(planned)
        born = {(d.collection, d.doc_id) for d in batch.deltas if isinstance(d, Birth)}
        for item, _, after in effects:
            name = (item.collection, item.doc_id)
            here = name in born or self._parts.documents.is_whole(item.held)
            inside = after is not None and self._own.may_read(after, item.collection, states.after)
            if not (here and inside) or self._replica.held.is_evicted(*name):
                raise PeerDeclined("The change is about a document that this device may not hold.")
        judge_writes(self._rights_of(author.person), batch, effects, states)
        return planned
