"""Rows of changes that share their columns, checked column by column (C7).

What we send ourselves is of one kind in each column, which one look at the column tells.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import Any

from sync.core.batch import Change, Column
from sync.core.state import IncrementId, Key
from sync.core.values import (
    INT_MAX,
    INT_MIN,
    TOMBSTONE,
    check_id,
    check_ids,
    check_values,
    describe,
)
from sync.errors import MessageGarbage
from sync.ids import Collection, Json

_change: Callable[[tuple[Any, ...]], Change] = partial(tuple.__new__, Change)
"""``Change`` without the Python call that makes a named tuple."""
_FIXED: dict[str, repeat[Json]] = {"o": repeat(True), "-": repeat(TOMBSTONE)}
"""What a column holds that has no values in the rows."""


def changes_in(
    collection: Collection, columns: tuple[Column, ...], rows: list[Any], increment: IncrementId
) -> list[Change]:
    """The changes that rows ``[id, value, …]`` stand for, or a ``WireError`` or ``DataError``."""
    if not rows:
        return []
    valued = [column for column in columns if column[0] in "=+"]
    ids, *values = zip(*_rows(rows, 1 + len(valued)), strict=True)
    for doc_id in ids:
        if not isinstance(doc_id, str):
            check_id(doc_id)
    check_ids(ids)
    for (kind, path), column in zip(valued, values, strict=True):
        if kind == "=":
            _check_registers(column, len(path))
        else:
            _check_amounts(column)
    keys = tuple(_key(column, increment) for column in columns)
    told = iter(values)
    every = (_FIXED[kind] if kind in _FIXED else next(told) for kind, _ in columns)
    return [*map(_change, zip(repeat(collection), ids, repeat(keys), zip(*every, strict=False)))]


def _rows(rows: list[Any], size: int) -> list[list[Json]]:
    if {*map(type, rows)} == {list} and {*map(len, rows)} == {size}:
        return rows
    for row in rows:
        if not isinstance(row, list):
            raise MessageGarbage(f"A row is {type(row).__name__}, not list.")
        if len(row) != size:
            raise MessageGarbage(f"A row has {len(row)} values where {size} belong.")
    return rows


def _check_registers(values: tuple[Json, ...], depth: int) -> None:
    if dict in set(map(type, values)):
        raise MessageGarbage("An op sets a map; maps travel as their leaves.")
    check_values(values, depth)


def _check_amounts(values: tuple[Json, ...]) -> None:
    for value in values:
        if type(value) is not int or not INT_MIN <= value <= INT_MAX:
            raise MessageGarbage(f"{describe(value)} is not a increment.")


def _key(column: Column, increment: IncrementId) -> Key:
    kind, path = column
    if kind == "+":
        return (*path, increment)
    return (*path, None) if kind == "o" else path
