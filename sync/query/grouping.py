"""GROUP BY: rows with equal keys, and the aggregates over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sync.query.aggregates import aggregate
from sync.query.meaning import Compiled, Row
from sync.query.meaning.parts import aggregate_key
from sync.query.plan import Group
from sync.query.syntax import Expr
from sync.query.values import hashable


def grouped(
    node: Group, rows: Iterable[Row], outer: Row, of: Callable[[Expr], Compiled]
) -> Iterator[Row]:
    """The first row of each group, in the order in which they came, with the values of the
    aggregates. Without keys there is one group, even of no rows."""
    keys = [of(key) for key in node.keys]
    found: dict[Any, tuple[Row, list[Row]]] = {}
    for row in rows:
        key = tuple([hashable(each(row)) for each in keys])
        found.setdefault(key, (row, []))[1].append(row)
    if not keys and not found:
        found[()] = (outer, [])
    for first, members in found.values():
        values = [aggregate(call, members, of) for call in node.calls]
        yield {**first, **{aggregate_key(n): value for n, value in enumerate(values)}}
