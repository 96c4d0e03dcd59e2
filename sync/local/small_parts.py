"""The commonest part of the log: one change of one document that nothing stands in the way of.

Nearly all that a device receives while it is online. What ``inbox`` does for any part is done here
with as few statements as it takes; a law holds both to the same outcome.
"""

from __future__ import annotations

from sync.core.batch import Batch, Change
from sync.local.documents import Row
from sync.local.held import Held
from sync.local.parts import Parts
from sync.local.received import Received
from sync.wire.messages import Message, Part


class SmallParts:
    """Merges such parts. Called by the inbox, inside its transaction."""

    def __init__(self, parts: Parts, held: Held) -> None:
        self._parts = parts
        self._held = held

    def merge(self, part: Part, received: Received) -> bool:
        """Merge a part; False, with nothing done, if it is another one."""
        found = self._found(part)
        if found is None:
            return False
        self._parts.log.learn(part.source, of_hub=True)
        self._parts.identity.clock.observe(part.source.hlc)
        self._merge(part, *found, received)
        return True

    def merge_alone(self, message: Message, received: Received) -> bool:
        """The same for all of a commit, which then needs nothing else to be complete."""
        if not isinstance(message, Part) or message.seq != message.source.hub_seq:
            return False
        found = self._found(message)
        if found is None:
            return False
        identity = self._parts.identity
        identity.clock.observe(message.source.hlc)
        identity.read_to(message.seq, message.chain)
        self._parts.log.learn_last(message.source, identity)
        self._merge(message, *found, received)
        return True

    def _found(self, part: Part) -> tuple[Change, Row] | None:
        """The change of a small part, and the document that it is about."""
        if len(part.deltas) != 1 or part.whole or part.gone or any(self._held.traces()):
            return None
        change = part.deltas[0]
        if not isinstance(change, Change):
            return None
        row = self._parts.documents.of(change.collection, change.doc_id)
        return None if row is None else (change, row)

    def _merge(self, part: Part, change: Change, held: Row, received: Received) -> None:
        source, parts, seq = part.source, self._parts, self._parts.identity.seq
        batch = Batch(
            *(source.replica, source.n, source.hlc, source.user, source.context, "", part.deltas)
        )
        plan = parts.merging.merge_logged(held, batch, change, part.seq)
        received.documents += 1
        if plan.row is not None:
            parts.documents.overwrite(plan.collection, seq, plan.doc_id, plan.row)
            received.note(plan.collection, plan.doc_id)
        if plan.lost:
            received.conflicts += parts.merging.keep_lost(seq, [plan])
