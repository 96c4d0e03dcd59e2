"""An answer as lines of a table that can be followed: which rows are new, and which cells changed.

Columns are as wide as their widest cell, so that a font of equal letters lines them up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from app.dql.answers import COLUMNS_MAX, Items, cell, columns_of, is_numeric

ROWS_MAX: Final = 50
"""What one reads on a screen; a longer answer tells how many there are."""
CELL_CHARS_MAX: Final = 40
"""An id of 36 letters shows in full."""

_MISSING: Final = object()

Mark = Literal["", "new", "changed"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``cells`` are padded to the width of their column."""

    cells: tuple[str, ...]
    mark: Mark = ""
    changed: frozenset[int] = frozenset()
    """Which cells differ from the last look."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The first rows of an answer of ``total`` rows, under their column names."""

    head: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    total: int = 0
    columns_left_out: int = 0

    @property
    def marks(self) -> Counter[Mark]:
        """How many of the rows shown are new, and how many changed."""
        return Counter(row.mark for row in self.rows if row.mark)

    def without_marks(self) -> Rows:
        """The same rows, once one has seen what is new."""
        return replace(self, rows=tuple(Row(row.cells) for row in self.rows))


def rows_of(
    items: Items, new: frozenset[int] = frozenset(), was: Mapping[int, dict[str, Any]] | None = None
) -> Rows:
    """The answer. ``new`` are the places of rows that were not there at the last look, ``was`` what
    changed rows were then, by the place they have now."""
    names = columns_of(items[:ROWS_MAX])
    shown, first, was = names[:COLUMNS_MAX], items[:ROWS_MAX], was or {}
    right = [is_numeric(first, name) for name in shown]
    texts = [[cell(item, name, CELL_CHARS_MAX) for name in shown] for item in first]
    widths = [max(map(len, column)) for column in zip(shown, *texts, strict=True)]

    def padded(cells: Sequence[str]) -> tuple[str, ...]:
        sides = zip(cells, widths, right, strict=True)
        return tuple(text.rjust(width) if end else text.ljust(width) for text, width, end in sides)

    rows = []
    for place, item in enumerate(first):
        mark: Mark = "new" if place in new else "changed" if place in was else ""
        old = was.get(place, item)
        differing = (
            at
            for at, name in enumerate(shown)
            if old.get(name, _MISSING) != item.get(name, _MISSING)
        )
        rows.append(Row(padded(texts[place]), mark, frozenset(differing)))
    return Rows(padded(shown), tuple(rows), len(items), len(names) - len(shown))
