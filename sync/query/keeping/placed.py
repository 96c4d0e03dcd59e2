"""Results in order: where each stands is known from its own values."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Iterable, Sequence
from functools import total_ordering
from typing import Any, Final, TypeAlias

from sync.query.difference import Keyed
from sync.query.evaluate import sort_key
from sync.query.keeping.joined import Ids
from sync.query.keeping.shape import Shape
from sync.query.meaning import Row
from sync.query.projecting import projector
from sync.query.run import Runner, first_of_key
from sync.query.values import hashable

INSERTED_SINGLY_MAX: Final = 100
"""Results that are put into their places one by one; more are sorted in with all others."""

WINDOWS_MAX: Final = 4
"""How many times the rows within LIMIT may be kept."""

Sorting: TypeAlias = tuple[Any, ...]


class Placed:
    """ORDER BY, the columns, DISTINCT and LIMIT over rows that come and go."""

    def __init__(self, runner: Runner, shape: Shape) -> None:
        terms = () if shape.ordered is None else shape.ordered.terms
        self._terms = [(runner.of(term.expr), term.descending) for term in terms]
        self._columns = projector(shape.project.columns, shape.project.aliases, runner.of)
        self._is_distinct = shape.project.distinct
        self._span = (0, None) if shape.limit is None else runner.span(shape.limit)
        self._sorting: dict[Hashable, Sorting] = {}
        self._placed: list[tuple[Sorting, Keyed]] = []
        self._end: Sorting | None = None
        """Where what is kept ends, if there is more after it."""

    def __len__(self) -> int:
        return len(self._placed)

    def remove(self, keys: Iterable[Hashable]) -> None:
        """These are gone, if they were here."""
        gone = [self._sorting.pop(key) for key in keys if key in self._sorting]
        if len(gone) > INSERTED_SINGLY_MAX:
            left = set(self._sorting.values())
            self._placed = [each for each in self._placed if each[0] in left]
            return
        for sorting in gone:
            del self._placed[bisect_left(self._placed, (sorting,))]

    def put(self, rows: Iterable[tuple[Hashable, Ids, Row]]) -> None:
        """These have come: key, place without ORDER BY, and row."""
        come = []
        for key, ids, row in rows:
            sorting = (*[_directed(of(row), down) for of, down in self._terms], ids)
            if self._end is None or sorting <= self._end:
                self._sorting[key] = sorting
                come.append((sorting, self._keyed(key, row)))
        if len(come) > INSERTED_SINGLY_MAX:
            self._placed += come
            self._placed.sort(key=_sorting)
            return
        for each in come:
            insort(self._placed, each, key=_sorting)

    def end_here(self) -> None:
        """There is more, which is not kept: from now on what comes after the last is left out."""
        self._end = self._placed[-1][0]

    @property
    def is_off(self) -> bool:
        """Whether too little is kept for what is shown, or much more than is of use."""
        stop = self._span[1]
        if self._end is None or stop is None:
            return False
        return not stop <= len(self._placed) <= WINDOWS_MAX * (stop + 1)

    def results(self) -> Sequence[Keyed]:
        """The results within LIMIT."""
        start, stop = self._span
        pairs = [pair for _, pair in self._placed]
        if self._is_distinct:
            pairs = list(first_of_key(pairs))
        return pairs if start == 0 and stop is None else pairs[start:stop]

    def _keyed(self, key: Hashable, row: Row) -> Keyed:
        result = self._columns(row)
        return (hashable(result) if self._is_distinct else key), result


@total_ordering
class _Down:
    """A value that sorts the other way round."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and bool(self._value == other._value)

    def __lt__(self, other: _Down) -> bool:
        return bool(other._value < self._value)

    def __hash__(self) -> int:
        return hash(self._value)


def _directed(value: Any, descending: bool) -> Any:
    return _Down(sort_key(value)) if descending else sort_key(value)


def _sorting(placed: tuple[Sorting, Keyed]) -> Sorting:
    return placed[0]
