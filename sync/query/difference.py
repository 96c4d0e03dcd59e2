"""What changed between two looks at a result (L5): the smallest set of steps from old to new.

A row is the same row while its key is: the ids of the documents it was made of, the key of its
group, or with DISTINCT its value. ``Execution.keyed`` makes such rows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

from sync.ids import Document
from sync.query.projecting import copied

Keyed: TypeAlias = tuple[Hashable, Document]
"""A row of a result and what makes it the same row later. Never changed once it is made."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that differs: as it is now, or as it was if it is gone, with its places in the
    result before and after, from 0; None where it was or is not there."""

    row: Document
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between two looks, and the rows as of the second. A row may be ``updated`` and
    ``moved`` at once; a row that only stands elsewhere because of others is in neither."""

    inserted: tuple[RowChange, ...] = ()
    updated: tuple[RowChange, ...] = ()
    removed: tuple[RowChange, ...] = ()
    moved: tuple[RowChange, ...] = ()
    rows: Sequence[Keyed] = field(default=(), repr=False, compare=False)

    def __bool__(self) -> bool:
        return bool(self.inserted or self.updated or self.removed or self.moved)

    @property
    def items(self) -> list[Document]:
        """The whole result, in order; copies."""
        return [copied(row) for _, row in self.rows]

    def applied_to(self, old: Sequence[Document]) -> list[Document]:
        """The rows of the second look, made of those of the first and the difference alone."""
        gone = {each.before for each in (*self.removed, *self.moved)}
        rows = [row for place, row in enumerate(old) if place not in gone]
        coming = [(each.after, each.row) for each in (*self.inserted, *self.moved)]
        for place, row in sorted(coming, key=lambda each: each[0] or 0):
            rows.insert(place or 0, row)
        for each in self.updated:
            rows[each.after or 0] = each.row
        return rows


def difference(old: Sequence[Keyed], new: Sequence[Keyed]) -> Changes:
    """The steps from ``old`` to ``new``; no key comes twice in either. Rows are compared unless
    they are the same object, so who keeps rows should keep the pairs."""
    start, end_old, end_new = _differing(old, new)
    places = {old[place][0]: place for place in range(start, end_old)}
    inserted, updated, stayed = [], [], []
    for after in range(start, end_new):
        key, row = new[after]
        before = places.pop(key, None)
        change = RowChange(row, before, after)
        if before is None:
            inserted.append(change)
            continue
        stayed.append(change)
        if not is_same(old[before][1], row):
            updated.append(change)
    removed = [RowChange(old[place][1], place, None) for place in places.values()]
    moved = _moved(stayed, updated)
    return Changes(_copies(inserted), _copies(updated), _copies(removed), _copies(moved), new)


def _copies(changes: Sequence[RowChange]) -> tuple[RowChange, ...]:
    return tuple(RowChange(copied(each.row), each.before, each.after) for each in changes)


def _differing(old: Sequence[Keyed], new: Sequence[Keyed]) -> tuple[int, int, int]:
    """Where two results begin to differ and where each ends to, by identity of the pairs."""
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and old[start] is new[start]:
        start += 1
    same = 0
    while same < shorter - start and old[-1 - same] is new[-1 - same]:
        same += 1
    return start, len(old) - same, len(new) - same


def _moved(stayed: Sequence[RowChange], updated: Sequence[RowChange]) -> list[RowChange]:
    """Which of the rows that stayed, given in their new order, have to move. Rows that changed
    rather than others, and of the others as few as can be."""
    places = [_place(each) for each in stayed]
    if all(one < other for one, other in pairwise(places)):
        return []
    changed = {each.before for each in updated}
    kept = _longest_rising([place for place in places if place not in changed])
    ceilings, ceiling = [], len(places) + max(places)
    for place in reversed(places):
        ceilings.append(ceiling)
        ceiling = place if place in kept else ceiling
    moved, floor = [], -1
    for each, place, ceiling in zip(stayed, places, reversed(ceilings), strict=True):
        if place in kept or (place in changed and floor < place < ceiling):
            floor = place
        else:
            moved.append(each)
    return moved


def _place(change: RowChange) -> int:
    assert change.before is not None
    return change.before


def _longest_rising(places: Sequence[int]) -> set[int]:
    """A longest run of places, not necessarily adjacent, each greater than the one before it."""
    ends: list[int] = []  # the least place that ends a run of each length
    before: dict[int, int | None] = {}
    for place in places:
        length = bisect_left(ends, place)
        before[place] = ends[length - 1] if length else None
        ends[length : length + 1] = [place]
    kept: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept


def is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are spelled the same: 1, 1.0 and true are three different values."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return len(one) == len(other) and all(
            name in other and is_same(value, other[name]) for name, value in one.items()
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return repr(one) == repr(other) if isinstance(one, float) else bool(one == other)
