"""What a device pushes: first what it holds for others, then its own, causes before effects (S7).

A colleague's device may never reach the hub again. Whatever it has shown to somebody gets there all
the same, and before the work that others have done upon it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sync.core.decode import decode
from sync.ids import ReplicaId
from sync.local.entries import Entry
from sync.local.held import HeldBatch
from sync.local.outbox import OUTBOX_PUSH_BYTES_MAX
from sync.local.replica import Replica
from sync.wire.messages import Push

Name = tuple[ReplicaId, int]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One push on its way: own entries of the log, or batches held for one author."""

    author: ReplicaId
    entries: tuple[Entry, ...] = ()
    held: tuple[HeldBatch, ...] = ()

    @property
    def push(self) -> Push:
        """As it goes over the wire."""
        own = [entry.payload for entry in self.entries]
        others = [each.payload for each in self.held]
        return Push(self.author, (*own, *others), tuple(each.proof for each in self.held))


class PassedOn:
    """What of the held batches the hub was shown since the pull was opened. What it did not take
    is shown once more with the next one: its author's earlier work may have come by then."""

    def __init__(self, replica: Replica) -> None:
        self._held = replica.held
        self._shown: set[Name] = set()

    def start_over(self) -> None:
        """Show everything once more."""
        self._shown.clear()

    def waiting(self) -> int:
        """How many batches the hub was not shown yet."""
        return sum(name not in self._shown for name in self._names())

    def take(self) -> Outgoing | None:
        """The next batches to show, of the author of the oldest."""
        if not self.waiting():
            return None
        held = [each for each in self._held.all() if (each.replica, each.n) not in self._shown]
        chosen = _run(sorted(held, key=lambda each: decode(each.payload).hlc))
        self._shown.update((each.replica, each.n) for each in chosen)
        return Outgoing(chosen[0].replica, held=tuple(chosen)) if chosen else None

    def _names(self) -> Iterable[Name]:
        return ((author, n) for author, numbers in self._held.numbers().items() for n in numbers)


def _run(held: list[HeldBatch]) -> list[HeldBatch]:
    """The first of them and those behind it of the same author, as many as go at once."""
    chosen: list[HeldBatch] = []
    size = 0
    for each in held:
        size += len(each.payload)
        if chosen and (each.replica != chosen[0].replica or size > OUTBOX_PUSH_BYTES_MAX):
            break
        chosen.append(each)
    return chosen
