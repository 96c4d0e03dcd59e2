"""What compiled expressions are made of: functions of a row, and those that need no row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from sync.query.evaluate import MISSING
from sync.query.syntax import Select
from sync.query.values import Value

Row: TypeAlias = Mapping[str, Any]
"""Alias to document (with its ``_id``), or to None for the side of a join that found nothing. The
variables and aggregates in force stand beside them under the keys made below."""

Compiled: TypeAlias = Callable[[Row], Value]

RunSelect: TypeAlias = Callable[[Select, Row], Iterable[Mapping[str, Value]]]
"""Runs a SELECT within an expression: gets the row around it, gives result rows by column. The row
is to be merged below the inner rows, so that the inner statement sees the outer aliases."""


class Fixed:
    """A part with the same value for every row."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def __call__(self, row: Row) -> Value:
        return self.value


def combine(function: Callable[..., Value], *parts: Compiled) -> Compiled:
    """``function`` of the parts' values; worked out now if no part depends on the row."""
    if all(isinstance(part, Fixed) for part in parts):
        return Fixed(function(*[part({}) for part in parts]))
    if len(parts) == 1:
        (only,) = parts
        return lambda row: function(only(row))
    if len(parts) == 2:
        left, right = parts
        return lambda row: function(left(row), right(row))
    return lambda row: function(*[part(row) for part in parts])


def variable_key(name: str) -> str:
    """Where a row holds the value of a variable; no alias can begin like this."""
    return "\0" + name


def aggregate_key(place: int) -> str:
    """Where the row of a group holds the value of the aggregate with this place in the list given
    to ``compile_expr``."""
    return f"\0\0{place}"


def field(alias: str, path: tuple[str, ...]) -> Compiled:
    """The value at ``path`` in the document of ``alias``; the document itself for no path."""
    if len(path) == 1:
        (key,) = path

        def one(row: Row) -> Value:
            document = row[alias]
            return MISSING if document is None else document.get(key, MISSING)

        return one

    def deep(row: Row) -> Value:
        value = row[alias]
        if value is None:
            return MISSING
        for step in path:
            if not isinstance(value, dict) or step not in value:
                return MISSING
            value = value[step]
        return value

    return deep
