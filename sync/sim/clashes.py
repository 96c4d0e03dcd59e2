"""The conflict records, held against full history (C5): none missing, no false alarm.

For every leaf that loses, the ledger says whether the winner's writer had merged it: for certain,
perhaps, or not. A record must be there where no winner's writer can have known the loser, and must
not be there where all of them did; in between the engine is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sync.core.conflicts import Conflict, conflict_id
from sync.core.stamps import Stamp
from sync.core.values import TOMBSTONE, is_same
from sync.sim.evidence import Evidence, Logged
from sync.sim.ledger import Act
from sync.sim.oracle import Entry, Key, Leaves, Oracle, lost_to

RECORDS_MAX = 1_000_000
UNJUDGED = ("devices",)
"""Collections the hub writes by itself, without acts."""


def conflicts(evidence: Evidence) -> Iterator[str]:
    """Every conflict is recorded on the hub, nothing else is, and devices tell of the same losses.

    What loses twice is told once, and a device that read a snapshot in between may have seen only
    the second time; so the loser has to agree, not the winner.
    """
    expected = _Expected(evidence)
    told = {c.id: c for c in evidence.hub.conflicts(limit=RECORDS_MAX)}
    for each, what in sorted(expected.must.items()):
        if each not in told:
            yield f"no record of {what}"
    for record in told.values():
        if record.collection in UNJUDGED:
            continue
        if record.rule == "soft_deleted":
            yield from expected.false_clash(record)
        elif record.id not in expected.may:
            yield f"a false alarm: {_words(record)}"
    for device in evidence.world.devices:
        for record in device.replica.conflicts(limit=RECORDS_MAX):
            theirs = told.get(record.id)
            same = theirs is not None and theirs.loser == record.loser
            forgotten = evidence.world.counts.get("hub_restores")
            if not same and not forgotten and record.collection not in UNJUDGED:
                yield f"device {device.number} alone tells: {_words(record)}"


class _Expected:
    """Ids of records that must be there, with words for them, and of those that may be."""

    def __init__(self, evidence: Evidence) -> None:
        self.must: dict[str, str] = {}
        self.may: set[str] = set()
        self._acts: dict[Stamp, Act] = {}
        self._oracle = Oracle()
        for entry in evidence.accepted:
            if entry.act is not None:
                self._acts[entry.batch.stamp] = entry.act
            self._merge(entry)

    def false_clash(self, record: Conflict) -> Iterator[str]:
        """An edit and a soft delete clash only if neither writer had merged the other."""
        loser, winner = (self._act_of(side.replica, side.at_ms) for side in _sides(record))
        if loser and winner and (_knew(winner, loser) == "yes" or _knew(loser, winner) == "yes"):
            yield f"a false alarm: {_words(record)}"

    def _act_of(self, replica: str, at_ms: int) -> Act | None:
        found = [
            act
            for stamp, act in self._acts.items()
            if stamp.replica == replica and stamp.hlc >> 16 == at_ms
        ]
        return found[0] if len(found) == 1 else None

    def _merge(self, entry: Logged) -> None:
        names = {(str(d.collection), str(d.doc_id)) for d in entry.batch.deltas}
        names = {name for name in names if name[0] not in UNJUDGED}
        before = {name: dict(self._oracle.documents.get(name, {})) for name in names}
        self._oracle.add(entry.batch)
        for delta in entry.batch.deltas:
            name = (str(delta.collection), str(delta.doc_id))
            if name not in names:
                continue
            after, old = self._oracle.documents[name], before[name]
            arrived = {key: (entry.batch.stamp, value) for key, value in delta.ops()}
            stood = {k: e for k, e in old.items() if not lost_to(old, k, e)}
            for key, leaf in [*stood.items(), *arrived.items()]:
                self._lost(name, key, leaf, _hiders(after, arrived, key, leaf))
            if self._oracle.visible(name) is None:
                self._count_on_nothing(name, after)

    def _lost(self, name: tuple[str, str], key: Key, leaf: Entry, hiders: list[Entry]) -> None:
        loser = self._acts.get(leaf[0])
        winners = [self._acts.get(stamp) for stamp, _ in hiders if stamp != leaf[0]]
        if not winners or loser is None:
            return
        knew = {"maybe" if w is None else _knew(w, loser) for w in winners}
        if knew == {"yes"}:
            return
        record = conflict_id(*name, key, leaf[0])
        self.may.add(record)
        futile = leaf[1] is TOMBSTONE or any(_says_same(leaf, hider) for hider in hiders)
        if knew == {"no"} and not futile:
            self.must[record] = f"{loser} losing {key} of {name} to {winners[0]}"

    def _count_on_nothing(self, name: tuple[str, str], after: Leaves) -> None:
        for key, (stamp, _) in after.items():
            if key and isinstance(key[-1], tuple):
                self.may.add(conflict_id(*name, key, stamp))


def _hiders(after: Leaves, arrived: Leaves, key: Key, leaf: Entry) -> list[Entry]:
    """What hides a leaf now: what has just arrived, or, for an arrival, what stood there."""
    found = lost_to(after, key, leaf)
    if arrived.get(key) == leaf:
        return [entry for _, entry in found]
    return [entry for other, entry in found if arrived.get(other) == entry]


def _knew(writer: Act, other: Act) -> str:
    if other.number in writer.knew or other is writer:
        return "yes"
    return "maybe" if other.number in writer.may_know else "no"


def _says_same(leaf: Entry, hider: Entry) -> bool:
    ours, theirs = leaf[1], hider[1]
    return ours is not TOMBSTONE and theirs is not TOMBSTONE and is_same(ours, theirs)


def _sides(record: Conflict) -> tuple[Any, Any]:
    return record.loser, record.winner


def _words(record: Conflict) -> str:
    path = ".".join(record.path)
    return (
        f"{record.rule} {record.collection} {record.doc_id} {path}:"
        f" {record.loser.value} lost to {record.winner.value}"
    )
