"""What a SELECT within a condition asks, taken apart: a condition over its own documents alone, and
what links them to the document around it.

Only an ``=`` links: then each side can be looked at by itself, and what such a SELECT yields is a
set that can be kept and followed. Anything else would have to be run again for each document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import NoReturn

from sync.query.aggregates import AGGREGATES
from sync.query.meaning.subqueries import names_beyond
from sync.query.subscription_errors import SubscriptionInvalid
from sync.query.syntax import (
    Binary,
    Call,
    Column,
    Constant,
    Exists,
    Expr,
    Field,
    InQuery,
    Select,
    Source,
)
from sync.query.walk import nodes_in


@dataclass(frozen=True, slots=True)
class Asked:
    """A SELECT of ``source`` where ``where``; each of ``inner`` is looked up by its fellow of
    ``outer``. The first ``links`` of them are compared by ``=``, one after them by IN."""

    source: Source
    where: Expr | None
    inner: tuple[Expr, ...]
    outer: tuple[Expr, ...]
    links: int


def asked_of(node: InQuery | Exists, around: str) -> Asked:
    """What IN or EXISTS asks of a SELECT within the condition on documents of the alias ``around``.

    ``SubscriptionInvalid`` where its answer could not be kept."""
    select = node.select
    _check(select)
    alias = select.source.alias
    own: list[Expr] = []
    inner: list[Expr] = []
    outer: list[Expr] = []
    for part in _conjuncts(select.where):
        if not _beyond(part, alias, around):
            own.append(part)
            continue
        here, there = _sides(part, alias, around)
        inner.append(here)
        outer.append(there)
    links = len(inner)
    if isinstance(node, InQuery):
        (column,) = select.columns
        value = column.expr if isinstance(column, Column) else None
        if value is None or _beyond(value, alias, around):
            _refuse("its column takes something from outside")
        inner.append(value)
        outer.append(node.operand)
    where = reduce(lambda left, right: Binary("AND", left, right), own) if own else None
    return Asked(select.source, where, tuple(inner), tuple(outer), links)


def _check(select: Select) -> None:
    for found, what in (
        (select.source.system, "a system collection"),
        (select.ids is not None, "USE IDS"),
        (select.joins, "JOIN"),
        (select.group_by or select.having is not None, "GROUP BY"),
        (select.limit is not None or select.offset is not None, "LIMIT"),
        (any(_is_aggregate(each) for each in nodes_in(select.columns)), "an aggregate"),
    ):
        if found:
            _refuse(f"it has {what}")


def _is_aggregate(node: object) -> bool:
    return isinstance(node, Call) and node.name in AGGREGATES


def _conjuncts(expr: Expr | None) -> Iterator[Expr]:
    if isinstance(expr, Binary) and expr.op == "AND":
        yield from _conjuncts(expr.left)
        yield from _conjuncts(expr.right)
    elif expr is not None:
        yield expr


def _beyond(expr: Expr, alias: str, around: str) -> bool:
    """Whether an expression of a SELECT takes anything from the document around it."""
    names = names_beyond(expr, frozenset({alias}))
    for name in names:
        if isinstance(name, Field) and name.alias != around:
            _refuse(f"it takes {name.alias} from two SELECTs further out")
    return bool(names)


def _sides(part: Expr, alias: str, around: str) -> tuple[Expr, Expr]:
    """A condition that looks outside: something of an inner document, and what it has to equal."""
    if not _reads(part, alias):
        return Constant(True), part
    if isinstance(part, Binary) and part.op == "=":
        for here, there in ((part.left, part.right), (part.right, part.left)):
            if not _beyond(here, alias, around) and not _reads(there, alias):
                return here, there
    _refuse("it compares with the document around it otherwise than by =")


def _reads(expr: Expr, alias: str) -> bool:
    return any(isinstance(node, Field) and node.alias == alias for node in nodes_in(expr))


def _refuse(why: str) -> NoReturn:
    raise SubscriptionInvalid(f"A SELECT within it cannot be followed: {why}.")
