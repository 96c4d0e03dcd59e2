"""The commonest part of the log: one change of one document that nothing stands in the way of.

Nearly all that a device receives while it is online. What ``inbox`` does for any part is done here
with as few steps as it takes; a law holds both to the same outcome.
"""

from __future__ import annotations

from sync.core.batch import Batch, Change
from sync.core.overwriting import Overwriting
from sync.core.stamps import BEGINNING, Stamp
from sync.local.documents import Row
from sync.local.held import Held
from sync.local.parts import Parts
from sync.local.received import Received
from sync.wire.messages import Message, Part


class SmallParts:
    """Merges such parts. Called by the inbox."""

    def __init__(self, parts: Parts, held: Held) -> None:
        self._parts = parts
        self._held = held
        self._recent = parts.recent
        sites = parts.documents.site_of, parts.documents.replica_of
        self._quick = Overwriting(BEGINNING, *sites)

    def merge(self, part: Part, received: Received) -> bool:
        """Merge a part within a transaction; False, with nothing done, if it is another one."""
        change = _change_of(part)
        if change is None or any(self._held.traces()):
            return False
        row = self._parts.documents.of(change.collection, change.doc_id)
        if row is None:
            return False
        self._parts.log.learn(part.source, of_hub=True)
        self._parts.identity.clock.observe(part.source.hlc)
        self._merge(part, change, row, received)
        return True

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

    def follows(self, message: Message) -> None:
        """A message was all of a commit: if it was a small part, more of them may follow."""
        if isinstance(message, Part) and _change_of(message) and not any(self._held.traces()):
            self._recent.may_follow()

    def commit(self, part: Message) -> Received | None:
        """Commit a message that has come alone; None, with nothing done, unless it is a small part
        that follows another one, nobody has looked in between, and nothing is lost by it."""
        parts, log = self._parts, self._parts.log
        if self._recent.asked != parts.database.asked or parts.documents.watchers:
            return None
        if not isinstance(part, Part) or log.reach > part.seq:
            return None
        change = _change_of(part)
        if change is None:
            return None
        stamp = Stamp(part.source.hlc, part.source.replica)
        log.remember(stamp, part.source)
        try:
            return self._commit(part, change, stamp)
        except BaseException:
            log.unlearn(stamp)
            raise

    def _commit(self, part: Part, change: Change, stamp: Stamp) -> Received | None:
        collection, doc_id = change.collection, change.doc_id
        row = self._recent.of(collection, doc_id) or self._parts.documents.peek(collection, doc_id)
        if row is None:
            return None
        losses = self._parts.merging.history.losses()
        self._quick.turn_to(stamp, losses)
        moved = self._quick.over(collection, [row], {doc_id: change})
        if moved.rest or losses.count:
            return None
        body, meta = (moved.bodies[0], moved.metas[0]) if moved.ids else (None, "")
        if not self._recent.add(part, collection, doc_id, body, meta):
            return None
        self._parts.log.reached(part.seq)
        return Received({} if body is None else {collection: {doc_id}}, 1)


def _change_of(part: Part) -> Change | None:
    """The change of a small part."""
    if len(part.deltas) != 1 or part.whole or part.gone or part.seq != part.source.hub_seq:
        return None
    change = part.deltas[0]
    return change if isinstance(change, Change) else None
