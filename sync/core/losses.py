"""The losses of one merge as one text: what a merge can afford to write, however many lost (C5).

    {"writers": [[hlc, replica, user], …], "keys": [[key, …], …],
     "lost": [[collection, id, rule, loser, winner, keys, [value, …], [value, …]], …],
     "told": [[id, collection, id, path, rule, side, side], …]}

``loser``, ``winner`` and ``keys`` count in the lists above; keys are spelt as in a row's meta, with
replica ids. A removal is ``{"removed": true}``, as no leaf is. ``told`` are records that were made
before there were such texts. Records are made when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from sync.core.conflicts import Conflict, ConflictSide, Lost, Rule, conflict_id, side
from sync.core.stamps import Stamp, ms_of_hlc
from sync.core.state import Key
from sync.core.text import compact
from sync.ids import Json, UserId

Judge: TypeAlias = Callable[[Stamp, Stamp, Rule], tuple[UserId, UserId] | None]
"""Who lost to whom by a rule, if that was a conflict."""


class Losses:
    """Collects what of the losses in one merge were conflicts."""

    def __init__(self, judge: Judge) -> None:
        self.count = 0
        self._judge = judge
        self._pairs: dict[tuple[Rule, Stamp, Stamp], tuple[int, int] | None] = {}
        self._writers: dict[Stamp, tuple[int, UserId]] = {}
        self._keys: dict[tuple[Key, ...], int] = {}
        self._lost: list[Json] = []
        self._told: list[str] = []

    def add(self, collection: str, doc_id: str, lost: Lost) -> None:
        """Leaves of one document that lost."""
        rule, loser, winner, keys, losing, winning = lost
        pair = self.pair(rule, loser, winner)
        if pair is not None:
            where = self.place(keys)
            self._lost.append((collection, doc_id, rule, *pair, where, losing, winning))
            self.count += len(keys)

    def take(self, told: str, count: int) -> None:
        """Losses as the text has them, and how many records they make."""
        self._told.append(told)
        self.count += count

    def pair(self, rule: Rule, loser: Stamp, winner: Stamp) -> tuple[int, int] | None:
        """The numbers by which the text names two writers; None where what the one lost to the
        other was no conflict."""
        pair = (rule, loser, winner)
        if pair not in self._pairs:
            users = self._judge(loser, winner, rule)
            self._pairs[pair] = users and (
                self._number(loser, users[0]),
                self._number(winner, users[1]),
            )
        return self._pairs[pair]

    def place(self, keys: tuple[Key, ...]) -> int:
        """The number by which the text names keys."""
        return self._keys.setdefault(keys, len(self._keys))

    def _number(self, stamp: Stamp, user: UserId) -> int:
        return self._writers.setdefault(stamp, (len(self._writers), user))[0]

    @property
    def at_ms(self) -> int:
        """When the newest of the writes was made."""
        return max(ms_of_hlc(stamp.hlc) for stamp in self._writers)

    def text(self) -> str:
        """All of it."""
        writers = [[stamp.hlc, stamp.replica, user] for stamp, (_, user) in self._writers.items()]
        text = compact({"writers": writers, "keys": [*self._keys], "lost": self._lost})
        if not self._told:
            return text
        between = "," if self._lost else ""
        return f"{text[:-2]}{between}{','.join(self._told)}]}}"


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
