"""The losses of one merge as one text: what a merge can afford to write, however many lost (C5).

    {"writers": [[hlc, replica, user], …], "keys": [[key, …], …],
     "lost": [[collection, id, rule, loser, winner, keys, [value, …], [value, …]], …],
     "told": [[id, collection, id, path, rule, side, side], …]}

``loser``, ``winner`` and ``keys`` count in the lists above; keys are spelt as in a row's meta, with
replica ids. A removal is ``{"removed": true}``, as no leaf is. ``told`` are records that were made
before there were such texts. Records are made when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sync.core.conflicts import Conflict, ConflictSide, Lost, conflict_id, side
from sync.core.stamps import Stamp, ms_of_hlc
from sync.core.state import Key
from sync.core.text import compact
from sync.ids import Json, UserId


class Losses:
    """Collects what lost in one merge."""

    def __init__(self) -> None:
        self.count = 0
        self._writers: dict[Stamp, tuple[int, UserId]] = {}
        self._keys: dict[tuple[Key, ...], int] = {}
        self._lost: list[Json] = []

    def number(self, stamp: Stamp, user: UserId) -> int:
        """The number by which the text names a writer."""
        return self._writers.setdefault(stamp, (len(self._writers), user))[0]

    def add(self, collection: str, doc_id: str, lost: Lost, loser: int, winner: int) -> None:
        """Leaves that lost, and the numbers of the writers."""
        rule, _, _, keys, losing, winning = lost
        self.count += len(keys)
        where = self._keys.setdefault(keys, len(self._keys))
        self._lost.append((collection, doc_id, rule, loser, winner, where, losing, winning))

    @property
    def at_ms(self) -> int:
        """When the newest of the writes was made."""
        return max(ms_of_hlc(stamp.hlc) for stamp in self._writers)

    def text(self) -> str:
        """All of it."""
        writers = [[stamp.hlc, stamp.replica, user] for stamp, (_, user) in self._writers.items()]
        return compact({"writers": writers, "keys": [*self._keys], "lost": self._lost})


def conflicts_of(records: dict[str, Any]) -> Iterator[Conflict]:
    """The records in a parsed text; ``TypeError`` and the like where it is none."""
    for known, collection, doc_id, path, rule, loser, winner in records.get("told", ()):
        sides = ConflictSide(**loser), ConflictSide(**winner)
        yield Conflict(known, collection, doc_id, tuple(path), rule, *sides)
    writers = [(Stamp(hlc, replica), user) for hlc, replica, user in records.get("writers", ())]
    keys = [[_key(key) for key in each] for each in records.get("keys", ())]
    for collection, doc_id, rule, loser, winner, where, losing, winning in records.get("lost", ()):
        for key, ours, theirs in zip(keys[where], losing, winning, strict=True):
            yield Conflict(
                id=conflict_id(collection, doc_id, key, writers[loser][0]),
                collection=collection,
                doc_id=doc_id,
                path=tuple(step for step in key if isinstance(step, str)),
                rule=rule,
                loser=side(writers[loser], ours),
                winner=side(writers[winner], theirs),
            )


def _key(steps: Sequence[Any]) -> Key:
    return tuple((step[0], step[1]) if isinstance(step, list) else step for step in steps)
