"""The end of the log, decoded once for everybody who reads there.

Whoever reads further back reads the file; that is a device which comes back, one at a time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from sync.core.batch import Batch, Change
from sync.core.decode import decode
from sync.core.state import EXISTS
from sync.ids import Collection, DocId
from sync.local.entries import Entry
from sync.local.parts import Parts

TAIL_BYTES_MAX = 4 * 1_048_576
"""Of batches, packed as they are logged: seconds of a busy chain, and tenfold once decoded."""
TAIL_ENTRIES_MAX = 500
"""That are read at once. Where more have come, as after a load, the newest so many are kept."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of the log and the batch in it."""

    entry: Entry
    batch: Batch
    names: tuple[tuple[Collection, DocId], ...] = field(init=False, compare=False, repr=False)
    """The documents that it touches."""
    is_plain: bool = field(init=False, compare=False, repr=False)
    """Whether it makes no document."""

    def __post_init__(self) -> None:
        deltas = self.batch.deltas
        names = tuple([(delta.collection, delta.doc_id) for delta in deltas])
        is_plain = all(type(d) is Change and EXISTS not in d.keys for d in deltas)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "is_plain", is_plain)

    @property
    def seq(self) -> int:
        """Its place in the log."""
        return self.entry.seq

    @property
    def is_accepted(self) -> bool:
        """Whether its ops count."""
        return self.entry.status == "accepted"


class Tail:
    """Call its methods with the lock of the database held."""

    def __init__(self, parts: Parts) -> None:
        self._log = parts.log
        self._identity = parts.identity
        self._after = self._newest = parts.identity.seq
        self._kept: list[Logged] = []
        self._bytes = 0

    def reaches(self, seq: int) -> bool:
        """Whether what comes after ``seq`` is kept, so that it costs no look at the file."""
        self._read_on()
        return seq >= self._after

    def since(self, seq: int, limit: int, up_to: int | None = None) -> Sequence[Logged]:
        """Entries after ``seq`` in order, at most ``limit``, none after ``up_to``."""
        self._read_on()
        if seq < self._after:
            found = [_logged(entry) for entry in self._log.since(seq, limit)]
        else:
            start = bisect_right(self._kept, seq, key=_seq)
            found = self._kept[start : start + limit]
        if up_to is None or not found or found[-1].seq <= up_to:
            return found
        return found[: bisect_right(found, up_to, key=_seq)]

    def grew(self, found: Sequence[Logged]) -> None:
        """What has just been committed, so that nobody needs to read it."""
        for each in found:
            if each.seq == self._newest + 1:
                self._keep(each)

    def _read_on(self) -> None:
        head = self._identity.seq
        if head - self._newest > TAIL_ENTRIES_MAX:
            self._after = self._newest = head - TAIL_ENTRIES_MAX
            self._kept, self._bytes = [], 0
        if head > self._newest:
            for entry in self._log.since(self._newest, TAIL_ENTRIES_MAX):
                self._keep(_logged(entry))

    def _keep(self, logged: Logged) -> None:
        self._kept.append(logged)
        self._newest = logged.seq
        self._bytes += len(logged.entry.payload)
        if self._bytes > TAIL_BYTES_MAX:
            gone = self._kept[: len(self._kept) // 2 + 1]
            del self._kept[: len(gone)]
            self._after = gone[-1].seq
            self._bytes -= sum(len(each.entry.payload) for each in gone)


def _logged(entry: Entry) -> Logged:
    return Logged(entry, decode(entry.payload))


def _seq(logged: Logged) -> int:
    return logged.entry.seq
