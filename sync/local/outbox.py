"""Own batches on their way to the hub: waiting, held there, settled, or set aside (S2, S3)."""

from __future__ import annotations

from dataclasses import dataclass

from sync.ids import Document, ReplicaId
from sync.local.entries import Entry, Status
from sync.local.own_work import UNSETTLED
from sync.local.parts import Parts
from sync.local.refused import Quarantined, exported, quarantined

OUTBOX_PUSH_BATCHES_MAX = 500
OUTBOX_PUSH_BYTES_MAX = 4 * 1_048_576
"""One push: small enough to go through a weak radio, large enough to empty a day's queue fast."""
WAITING: tuple[Status, ...] = ("pending", "offered")


@dataclass(frozen=True, slots=True)
class OutboxSummary:
    """How many own batches are where."""

    pending: int
    offered: int
    sent: int
    quarantined: int

    @property
    def waiting(self) -> int:
        """Batches the hub does not hold yet."""
        return self.pending + self.offered


class Outbox:
    """The own part of the log that is not settled yet."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def take(self) -> list[Entry]:
        """The next batches to push, oldest first, durably marked as offered before they go (C1)."""
        with self._parts.database.transaction():
            chosen: list[Entry] = []
            size = 0
            for entry in self._parts.log.with_status(WAITING, OUTBOX_PUSH_BATCHES_MAX):
                size += len(entry.payload)
                if chosen and size > OUTBOX_PUSH_BYTES_MAX:
                    break
                if entry.status == "pending":
                    self._parts.log.mark(entry.seq, "offered")
                chosen.append(entry)
        return chosen

    def unsettled_from(self) -> int:
        """The number of the oldest own batch without a verdict, or else of the next one."""
        found = self._parts.log.with_status(UNSETTLED, 1)
        return found[0].n if found else self._parts.identity.n + 1

    def offered_up_to(self, n: int) -> None:
        """Mark own batches up to this number as offered, before a peer gets the newest of them
        (C1). Those before it too: it is chained to them, so none may be stamped anew."""
        with self._parts.database.transaction():
            for entry in self._parts.log.with_status(("pending",)):
                if entry.n <= n:
                    self._parts.log.mark(entry.seq, "offered")

    def acknowledge(self, author: ReplicaId, up_to: int) -> None:
        """The hub holds every batch of ``author`` up to this number. The author is our own id as
        it was when we pushed; we may have taken another one since (C8)."""
        with self._parts.database.transaction():  # a verdict may be arriving at this very moment
            for entry in self._parts.log.with_status(WAITING):
                if entry.replica == author and entry.n <= up_to:
                    self._parts.log.mark(entry.seq, "sent")

    def offer_again(self, author: ReplicaId, from_n: int) -> int:
        """The hub lacks batches from this number on, which we believed it held; how many."""
        with self._parts.database.transaction():
            sent = self._parts.log.with_status(("sent",))
            lacking = [each for each in sent if each.replica == author and each.n >= from_n]
            for entry in lacking:
                self._parts.log.mark(entry.seq, "offered")
        return len(lacking)

    def summary(self) -> OutboxSummary:
        """Counts by state."""
        count = self._parts.log.count
        return OutboxSummary(
            pending=count(("pending",)),
            offered=count(("offered",)),
            sent=count(("sent",)),
            quarantined=count(("rejected",)),
        )

    def quarantine(self) -> list[Quarantined]:
        """Refused batches, oldest first."""
        return [quarantined(entry) for entry in self._parts.log.with_status(("rejected",))]

    def refused(self, n: int) -> Entry | None:
        """The oldest refused batch of this number; it may be from before we took a new id (C8)."""
        entries = (each for each in self._parts.log.with_status(("rejected",)) if each.n == n)
        return min(entries, key=lambda entry: entry.seq, default=None)

    def export(self, n: int, device_name: str) -> Document | None:
        """A refused batch as one document; None if there is no such batch."""
        entry = self.refused(n)
        return None if entry is None else exported(entry, device_name)

    def discard(self, n: int) -> None:
        """Give a refused batch up; it stays in the log as discarded."""
        entry = self.refused(n)
        if entry is not None:
            with self._parts.database.transaction():
                self._parts.log.mark(entry.seq, "discarded", entry.reason)

    def state_of(self, collection: str, doc_id: str) -> str:
        """Where the newest own work on a document is: saved, sent, synced or needs_you."""
        database, replica = self._parts.database, self._parts.identity.replica
        rows = database.query(
            "SELECT log.status FROM pending JOIN log USING(replica, n)"
            " WHERE replica = ? AND collection = ? AND id = ?",
            (replica, collection, doc_id),
        )
        states = {status for (status,) in rows}
        if states & set(WAITING):
            return "saved"
        if states:
            return "sent"
        refused = any(
            (collection, doc_id) in [(name, i) for name, i, _ in item.changes]
            for item in self.quarantine()
        )
        return "needs_you" if refused else "synced"
