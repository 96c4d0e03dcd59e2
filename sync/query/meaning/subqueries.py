"""SELECT within an expression: which names it takes from outside, and when it must run again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final

from sync.query.evaluate import MISSING
from sync.query.meaning.parts import Compiled, Row, RunSelect, field, variable_key
from sync.query.syntax import (
    ArrayFor,
    Exists,
    Field,
    InQuery,
    ObjectFor,
    Quantified,
    Select,
    Variable,
)
from sync.query.values import Members, Value, hashable
from sync.query.walk import parts_of

MEMO_ROWS_MAX: Final = 10_000
"""Answers kept of one correlated SELECT, by the outer values it was asked for."""

Free = Field | Variable


def free_names(select: Select) -> tuple[Free, ...]:
    """The fields and variables a bound SELECT takes from around it; none if it is uncorrelated."""
    return names_beyond(select, frozenset())


def names_beyond(node: Any, aliases: frozenset[str]) -> tuple[Free, ...]:
    """The fields and variables a bound tree takes from beyond these aliases."""
    found: dict[Free, None] = {}
    _collect(node, aliases, frozenset(), found)
    return tuple(found)


def _collect(
    node: Any, aliases: frozenset[str], variables: frozenset[str], found: dict[Free, None]
) -> None:
    match node:
        case Field(alias=alias):
            if alias and alias not in aliases:
                found[node] = None
            return
        case Variable(name=name):
            if name not in variables:
                found[node] = None
            return
        case tuple():
            for item in node:
                _collect(item, aliases, variables, found)
            return
        case Select():
            sources = (node.source, *(join.source for join in node.joins))
            aliases = aliases | {source.alias for source in sources}
        case Quantified() | ArrayFor() | ObjectFor():
            _collect(node.source, aliases, variables, found)
            variables = variables | {node.variable}
            for name in parts_of(type(node)):
                if name != "source":
                    _collect(getattr(node, name), aliases, variables, found)
            return
    for name in parts_of(type(node)):
        _collect(getattr(node, name), aliases, variables, found)


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
