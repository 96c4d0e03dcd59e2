"""What a bound expression says about one collection in a form that ids, indexes and SQL can use.

``terms_of`` reads a condition once, with its values still as expressions; ``node_of`` puts the
values of one execution in. The result is implied by the condition, never the other way round: what
has no such form becomes ``ANYTHING``, and the condition itself has the last word on every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sync.query.evaluate import MISSING
from sync.query.meaning.subqueries import free_names
from sync.query.nodes import EVERYTHING, NOTHING, And, Equals, In, Node, Or, Path, Range
from sync.query.patterns.like import ESCAPE
from sync.query.prefixes import like
from sync.query.syntax import (
    Between,
    Binary,
    Call,
    Exists,
    Expr,
    Field,
    InQuery,
    IsIn,
    Like,
    Select,
    Variable,
)
from sync.query.walk import nodes_in


@dataclass(frozen=True, slots=True)
class Same:
    """The field equals the value."""

    path: Path
    value: Expr


@dataclass(frozen=True, slots=True)
class Among:
    """The field equals one of the items of an array, or of the rows of a SELECT."""

    path: Path
    values: Expr | Select


@dataclass(frozen=True, slots=True)
class Inside:
    """The field lies within bounds; None is no bound."""

    path: Path
    low: Expr | None = None
    high: Expr | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class Begins:
    """The field is text that matches a LIKE pattern with something before its first wildcard."""

    path: Path
    pattern: Expr


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts hold; without parts, nothing is known."""

    parts: tuple[Terms, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the parts holds."""

    parts: tuple[Terms, ...]


Simple: TypeAlias = Same | Among | Inside | Begins
Terms: TypeAlias = Simple | AllOf | AnyOf

ANYTHING: Final = AllOf(())

_COMPARISONS: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
"""Each with what it becomes when its sides change places."""

Value = Callable[[Expr], Any]
Rows = Callable[[Select], Sequence[Any]]


def terms_of(condition: Expr | None, alias: str, known: frozenset[str]) -> Terms:
    """What ``condition`` implies for documents of ``alias``. Fields of the ``known`` aliases count
    as values: they are bound before a document of ``alias`` is looked for."""
    if condition is None:
        return ANYTHING
    return _Reader(alias, known).read(condition)


def parts_of(terms: Terms) -> Iterator[Simple | AnyOf]:
    """The parts that all hold."""
    if isinstance(terms, AllOf):
        for part in terms.parts:
            yield from parts_of(part)
    else:
        yield terms


class _Reader:
    def __init__(self, alias: str, known: frozenset[str]) -> None:
        self._alias = alias
        self._known = known

    def read(self, expr: Expr) -> Terms:
        match expr:
            case Binary("AND", left, right):
                parts = [p for side in (left, right) for p in parts_of(self.read(side))]
                return parts[0] if len(parts) == 1 else AllOf(tuple(parts))
            case Binary("OR", left, right):
                return self._either(self.read(left), self.read(right))
            case Binary(op, left, right) if op in _COMPARISONS:
                return self._compared(op, left, right)
            case Between(Field() as field, low, high, False) if self._is_own(field):
                least, most = self._value(low), self._value(high)
                both = least is not None and most is not None
                return Inside(field.path, least, most) if both else ANYTHING
            case IsIn(Field() as field, items, False) if self._is_own(field):
                values = self._value(items)
                return ANYTHING if values is None else Among(field.path, values)
            case InQuery(Field() as field, select, False) if self._is_own(field):
                return Among(field.path, select) if self._knows(select) else ANYTHING
            case Like(Field() as field, pattern, "like", None, False) if self._is_own(field):
                text = self._value(pattern)
                return ANYTHING if text is None else Begins(field.path, text)
        return ANYTHING

    def _either(self, left: Terms, right: Terms) -> Terms:
        sides = (left, right)
        if ANYTHING in sides:
            return ANYTHING
        parts = [p for side in sides for p in (side.parts if isinstance(side, AnyOf) else (side,))]
        return AnyOf(tuple(parts))

    def _compared(self, op: str, left: Expr, right: Expr) -> Terms:
        for here, field, other in ((op, left, right), (_COMPARISONS[op], right, left)):
            if not isinstance(field, Field) or not self._is_own(field):
                continue
            value = self._value(other)
            if value is None:
                continue
            if here == "=":
                return Same(field.path, value)
            if here in ("<", "<="):
                return Inside(field.path, high=value, high_open=here == "<")
            return Inside(field.path, low=value, low_open=here == ">")
        return ANYTHING

    def _is_own(self, field: Field) -> bool:
        return field.alias == self._alias and bool(field.path)

    def _knows(self, select: Select) -> bool:
        """Whether a SELECT can be run before a document is looked for."""
        names = free_names(select)
        return all(isinstance(name, Field) and name.alias in self._known for name in names)

    def _value(self, expr: Expr) -> Expr | None:
        """The expression, if it can be worked out before a document is looked for."""
        for node in nodes_in(expr):
            if isinstance(node, Field) and node.alias not in self._known:
                return None
            if isinstance(node, Variable | InQuery | Exists | Call) and not _is_plain(node):
                return None
        return expr


def _is_plain(node: Any) -> bool:
    return isinstance(node, Call) and not node.star and not node.distinct


def node_of(terms: Terms, value: Value, rows: Rows) -> Node:
    """The condition with its values worked out. A comparison with null or MISSING is never true."""
    match terms:
        case Same(path, expr):
            found = value(expr)
            return NOTHING if _is_nothing(found) else Equals(path, found)
        case Among(path, Select() as select):
            return In(path, tuple(rows(select)))
        case Among(path, items):
            found = value(items)  # type: ignore[arg-type]
            return In(path, tuple(found)) if isinstance(found, list) else NOTHING
        case Inside(path, low, high, low_open, high_open):
            bounds = [None if each is None else value(each) for each in (low, high)]
            asked = [b for b, each in zip(bounds, (low, high), strict=True) if each is not None]
            if any(_is_nothing(bound) for bound in asked):
                return NOTHING
            return Range(path, bounds[0], bounds[1], low_open, high_open)
        case Begins(path, pattern):
            return like(path, value(pattern), ESCAPE)
        case AllOf(parts):
            return And(tuple(node_of(part, value, rows) for part in parts)) if parts else EVERYTHING
        case AnyOf(parts):
            return Or(tuple(node_of(part, value, rows) for part in parts))


def _is_nothing(found: Any) -> bool:
    return found is None or found is MISSING
