"""Writers, a hub's log, and who had merged what: full history for the conflict rule (C5).

Every ``Author`` keeps the set of batches it has merged, spelt out, and beside it the compact
context that a real replica sends: the log position it has read to, and what it holds besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.core.batch import Context
from sync.core.conflicts import Provenance, had_merged, soft_delete_clashes
from sync.core.draft import Draft
from sync.core.stamps import Stamp
from sync.core.state import ROOT, Key, Leaf, State, leaves_at, merge
from sync.core.values import TOMBSTONE
from sync.ids import ReplicaId, UserId
from tests.helpers.core import Entry, all_leaves, counts, covered, spelt

Lost = tuple[Key, Stamp]
"""One conflict within a document: the path and the loser's stamp."""


@dataclass(frozen=True, slots=True, eq=False)
class Logged:
    """One batch of one document, with the batches its author had merged when writing it."""

    source: Provenance
    leaves: list[Entry]
    knew: frozenset[Stamp]

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.source.hlc, self.source.replica)


@dataclass(slots=True, eq=False)
class Author:
    """A replica that writes, reads the hub's log and swaps batches with others."""

    replica: ReplicaId
    state: State = field(default_factory=dict)
    n: int = 0
    hlc: int = 0
    cursor: int = 0
    unsent: list[Logged] = field(default_factory=list)
    merged: dict[Stamp, Logged] = field(default_factory=dict)

    def write(self, hlc: int, draft: Draft, log: list[Logged]) -> Logged | None:
        """Make the batch of a draft, with the context a replica would name."""
        ops = draft.ops((self.replica, self.n + 1))
        if not ops:
            return None
        self.n, self.hlc = self.n + 1, max(hlc, self.hlc + 1)
        read = {batch.stamp for batch in log[: self.cursor]}
        beside = tuple(
            stamp for stamp in self.merged if stamp not in read and stamp.replica != self.replica
        )
        source = Provenance(
            replica=self.replica,
            n=self.n,
            hlc=self.hlc,
            user=UserId(f"user_{self.replica[0]}"),
            context=Context("epoch", self.cursor, beside),
            hub_seq=None,
        )
        stamp = Stamp(self.hlc, self.replica)
        batch = Logged(source, leaves_at(stamp, ops.items()), frozenset(self.merged))
        self.receive(batch)
        self.unsent.append(batch)
        return batch

    def receive(self, batch: Logged) -> None:
        """Merge a batch, whoever it comes from."""
        merge(self.state, batch.leaves)
        self.merged[batch.stamp] = batch
        self.hlc = max(self.hlc, batch.source.hlc)

    def read(self, log: list[Logged], up_to: int) -> None:
        """Pull the hub's log as far as ``up_to``."""
        for batch in log[self.cursor : up_to]:
            self.receive(batch)
        self.cursor = max(self.cursor, min(up_to, len(log)))


def engine_conflicts(log: list[Logged]) -> set[Lost]:
    """What ``sync.core`` finds when it merges the log in order and asks ``had_merged``."""
    state: State = {}
    found: set[Lost] = set()
    sources: dict[Stamp, Provenance] = {}
    for seq, batch in enumerate(log, start=1):
        sources[batch.stamp] = batch.source._replace(hub_seq=seq)
        _, beaten = merge(state, batch.leaves)
        for key, loser, _, winner in beaten:
            if not had_merged(sources[winner.stamp], sources[loser.stamp]):
                found.add((key, loser.stamp))
        arrived = {key for key, _ in batch.leaves}
        for key, edit, _, flag in soft_delete_clashes(state, arrived, batch.stamp):
            one, other = sources[edit.stamp], sources[flag.stamp]
            if not had_merged(one, other) and not had_merged(other, one):
                found.add((key, edit.stamp))
    return found


def oracle_conflicts(log: list[Logged]) -> set[Lost]:
    """The same by full history: every leaf is kept, and sets say who had merged what."""
    knew = {batch.stamp: batch.knew | {batch.stamp} for batch in log}
    found: set[Lost] = set()
    history: list[Entry] = []
    for batch in log:
        before = all_leaves(history)
        stood = [(key, leaf) for key, leaf in before.items() if not _is_lost(before, key)]
        history += batch.leaves
        after = all_leaves(history)
        for key, leaf in stood:
            if _winner(after, key, leaf) is not None and leaf.stamp not in batch.knew:
                found.add((key, leaf.stamp))
        for key, leaf in batch.leaves:
            winner = _winner(after, key, leaf)
            if winner is not None and batch.stamp not in knew[winner.stamp]:
                found.add((key, batch.stamp))
        found |= _uncounted(after, batch)
        found |= _clashes(after, batch, knew)
    return found


def _is_lost(leaves: State, key: Key) -> bool:
    return covered(leaves, key) or _undone_by(leaves, key) is not None


def _undone_by(leaves: State, key: Key) -> Key | None:
    """The newest standing entry below that undoes a leaf: any for a value, a value for a removal;
    an increment neither its base nor the removal of the document."""
    leaf = leaves[key]
    below = [
        other
        for other, entry in leaves.items()
        if len(other) > len(key)
        and other[: len(key)] == key
        and entry.stamp > leaf.stamp
        and not covered(leaves, other)
        and not (counts(other) and (other[:-1] == key or key == ROOT))
        and not (leaf.value is TOMBSTONE and entry.value is TOMBSTONE)
    ]
    return max(below, key=lambda k: leaves[k].stamp, default=None)


def _winner(leaves: State, key: Key, leaf: Leaf) -> Leaf | None:
    """What beats a leaf, if anything is lost by it."""
    held = leaves[key]
    if held.stamp != leaf.stamp and not covered(leaves, key):
        return None if spelt(held.value) == spelt(leaf.value) else held
    for cut in range(len(key)):
        above = leaves.get(key[:cut])
        absorbs = above is not None and counts(key) and cut == len(key) - 1
        if above is not None and above.stamp > leaf.stamp:
            return None if leaf.value is TOMBSTONE else above
        if above is not None and absorbs and above.stamp == leaf.stamp:
            return None
    below = _undone_by(leaves, key)
    return None if below is None else leaves[below]


def _uncounted(leaves: State, batch: Logged) -> set[Lost]:
    """Increments newer than the removal of a document that nothing revives."""
    standing = {key: leaf for key, leaf in leaves.items() if not covered(leaves, key)}
    alive = any(leaf.value is not TOMBSTONE for key, leaf in standing.items() if not counts(key))
    if alive or ROOT not in leaves:
        return set()
    deleted_now = leaves[ROOT].stamp == batch.stamp
    return {
        (key, leaf.stamp)
        for key, leaf in standing.items()
        if counts(key)
        and (deleted_now or leaf.stamp == batch.stamp)
        and leaf.stamp not in (batch.knew if deleted_now else ())
    }


def _clashes(leaves: State, batch: Logged, knew: dict[Stamp, frozenset[Stamp]]) -> set[Lost]:
    """Edits concurrent with the soft delete that stands (C5)."""
    flag = leaves.get(("deleted",))
    if flag is None or flag.value is not True or covered(leaves, ("deleted",)):
        return set()
    return {
        (key, leaf.stamp)
        for key, leaf in leaves.items()
        if batch.stamp in (leaf.stamp, flag.stamp)
        and key[-1:] != (None,)
        and not _is_lost(leaves, key)
        and leaf.stamp not in knew[flag.stamp]
        and flag.stamp not in knew[leaf.stamp]
    }
