"""SELECT within an expression: which names it takes from outside, and when it must run again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

from sync.query.evaluate import MISSING
from sync.query.meaning.parts import Compiled, Row, RunSelect, field, variable_key
from sync.query.syntax import (
    ArrayFor,
    Constant,
    Exists,
    Field,
    InQuery,
    ObjectFor,
    Quantified,
    Select,
    Variable,
)
from sync.query.values import Members, Value, hashable

MEMO_ROWS_MAX: Final = 10_000
"""Answers kept of one correlated SELECT, by the outer values it was asked for."""

Free = Field | Variable


def free_names(select: Select) -> tuple[Free, ...]:
    """The fields and variables a bound SELECT takes from around it; none if it is uncorrelated."""
    return tuple(dict.fromkeys(_free(select, frozenset(), frozenset())))


def _free(node: Any, aliases: frozenset[str], variables: frozenset[str]) -> Iterator[Free]:
    match node:
        case Field(alias=alias):
            if alias and alias not in aliases:
                yield node
            return
        case Variable(name=name):
            if name not in variables:
                yield node
            return
        case Select():
            sources = (node.source, *(join.source for join in node.joins))
            aliases = aliases | {source.alias for source in sources}
        case Quantified() | ArrayFor() | ObjectFor():
            yield from _free(node.source, aliases, variables)
            variables = variables | {node.variable}
    for part in _children(node):
        if not (isinstance(node, Quantified | ArrayFor | ObjectFor) and part is node.source):
            yield from _free(part, aliases, variables)


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple):
        yield from node
    elif is_dataclass(node) and not isinstance(node, Constant):
        yield from (getattr(node, each.name) for each in fields(node))


def in_query(operand: Compiled, node: InQuery, run_select: RunSelect) -> Compiled:
    """``operand IN (SELECT …)``: like IN over the values of the only column; a row without one
    counts for nothing."""
    answer = _remembered(node.select, run_select, _column)

    def run(row: Row) -> Value:
        members: Members = answer(row)
        return members.holds(operand(row))

    return run


def exists(node: Exists, run_select: RunSelect) -> Compiled:
    """``EXISTS (SELECT …)``: whether there is a row, whatever it holds."""
    return _remembered(node.select, run_select, lambda rows: any(True for _ in rows))


def _column(rows: Iterable[Any]) -> Members:
    return Members(value for row in rows for value in row.values() if value is not MISSING)


def _remembered(
    select: Select, run_select: RunSelect, answer: Callable[[Iterable[Any]], Value]
) -> Compiled:
    """The answer for a row, worked out once for the same values of the names from outside."""
    reads = [_read(name) for name in free_names(select)]
    memo: dict[Hashable, Value] = {}

    def run(row: Row) -> Value:
        key = tuple([hashable(read(row)) for read in reads])
        if key not in memo:
            if len(memo) >= MEMO_ROWS_MAX:
                memo.clear()
            memo[key] = answer(run_select(select, row))
        return memo[key]

    return run


def _read(name: Free) -> Compiled:
    if isinstance(name, Field):
        return field(name.alias, name.path)
    key = variable_key(name.name)
    return lambda row: row[key]
