"""Where aggregates may stand, and what a statement with GROUP BY may use beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sync.query.aggregates import AGGREGATES
from sync.query.errors import StatementInvalid, quoted
from sync.query.expressions import Call, Constant, Expr, Field
from sync.query.syntax import Column, Select


def check_groups(select: Select, text: str) -> None:
    """A bound SELECT keeps the rules of GROUP BY, or raises ``StatementInvalid``."""
    results = [column.expr for column in select.columns if isinstance(column, Column)]
    results += [term.expr for term in select.order_by]
    if select.having is not None:
        results.append(select.having)
    for part, expr in _without_aggregates(select):
        forbid_aggregates(expr, part, text)
    calls = [call for expr in results for call in aggregates_in(expr)]
    for call in calls:
        for argument in call.args:
            forbid_aggregates(argument, "another aggregate", text)
    if not (select.group_by or calls or select.having is not None):
        return
    if len(results) - len(select.order_by) - (select.having is not None) < len(select.columns):
        message = "With GROUP BY or aggregates, name the columns: `*` and MISSING have no rows."
        raise StatementInvalid(message, text, select.source.at)
    aliases = {select.source.alias, *(join.source.alias for join in select.joins)}
    for expr in results:
        for name in _loose_fields(expr, select.group_by, aliases):
            raise _no_key(name, select, text)


def forbid_aggregates(expr: Expr | None, part: str, text: str) -> None:
    """Raise ``StatementInvalid`` where ``part`` of a statement holds an aggregate."""
    for call in aggregates_in(expr):
        message = f"{call.name.upper()} sums up rows and cannot stand in {part}."
        if part == "WHERE":
            message = message[:-1] + "; use HAVING."
        raise StatementInvalid(message, text, call.at)


def aggregates_in(tree: Any) -> Iterator[Call]:
    """The aggregates of an expression; those of a SELECT within are its own, and one within an
    aggregate is not looked for."""
    if isinstance(tree, Call) and tree.name in AGGREGATES:
        yield tree
    elif not isinstance(tree, Select):
        for part in _parts(tree):
            yield from aggregates_in(part)


def _without_aggregates(select: Select) -> Iterator[tuple[str, Expr]]:
    if select.where is not None:
        yield "WHERE", select.where
    for join in select.joins:
        yield "ON", join.on
    for key in select.group_by:
        yield "GROUP BY", key
    for each in select.ids or ():
        yield "USE IDS", each


def _loose_fields(tree: Any, keys: tuple[Expr, ...], aliases: set[str]) -> Iterator[Field]:
    """The fields of these aliases that are neither part of a key nor inside an aggregate."""
    if tree in keys or (isinstance(tree, Call) and tree.name in AGGREGATES):
        return
    if isinstance(tree, Field):
        if tree.alias in aliases:
            yield tree
        return
    if isinstance(tree, Select):
        aliases = aliases - {tree.source.alias, *(join.source.alias for join in tree.joins)}
    for part in _parts(tree):
        yield from _loose_fields(part, keys, aliases)


def _parts(tree: Any) -> Iterable[Any]:
    """What is directly below a node; every node has slots, and no plain value has."""
    if isinstance(tree, tuple):
        return tree
    return [] if isinstance(tree, Constant) else [getattr(tree, n) for n in _slots(tree)]


def _slots(tree: Any) -> tuple[str, ...]:
    return getattr(tree, "__slots__", ())


def _no_key(name: Field, select: Select, text: str) -> StatementInvalid:
    shown = quoted(".".join(name.path) or name.alias)
    for key in (*select.group_by, name):
        # A column's name cannot be told from a field's, but that is what was meant.
        if isinstance(key, Field) and key.path[-1:] and key.path[-1] in _given_names(select):
            message = f"GROUP BY and HAVING know no columns: instead of {quoted(key.path[-1])}, "
            return StatementInvalid(message + "write its expression.", text, key.at)
    if select.group_by:
        message = f"{shown} is neither in GROUP BY nor in an aggregate."
    else:
        message = f"{shown} stands beside aggregates; add GROUP BY {shown[1:-1]}."
    return StatementInvalid(message, text, name.at)


def _given_names(select: Select) -> set[str]:
    """The names of columns that are no field of the same name."""
    columns = [column for column in select.columns if isinstance(column, Column)]
    fields_ = {each.expr.path[-1:] for each in columns if isinstance(each.expr, Field)}
    return {each.name for each in columns if (each.name,) not in fields_}
