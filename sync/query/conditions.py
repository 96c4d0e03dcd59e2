"""What a DQL condition says about a single document, as a ``Node`` that SQL can prefilter with.

The node is implied: whatever document makes the condition true meets it. It may let more through,
never less; where nothing is known it is ``EVERYTHING``.

The two languages differ. A ``Node`` is true or false, and null equals null. In DQL a comparison may
also be MISSING, null equals nothing, and NOT leaves MISSING as it is. So every part is read twice:
what follows if it is true, and what follows if it is false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from sync.ids import Json
from sync.query.functions import Context
from sync.query.meaning import compile_expr
from sync.query.meaning.compiling import operands
from sync.query.nodes import EVERYTHING, NOTHING, Equals, Has, Node, Not, Range
from sync.query.syntax import (
    Between,
    Binary,
    Call,
    Constant,
    Exists,
    Expr,
    Field,
    InQuery,
    Is,
    IsIn,
    Item,
    Like,
    Member,
    Parameter,
    Quantified,
    Unary,
    Variable,
)
from sync.query.value_tests import (
    Test,
    all_of,
    among,
    any_of,
    begins,
    compared,
    is_array,
    is_text,
    like,
    not_among,
    there,
    within,
)
from sync.query.values import MIRRORED

_OPPOSITES: Final = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_FALLBACKS: Final = ("coalesce", "ifmissingornull", "nvl", "ifmissing", "ifnull")
_ARITHMETIC: Final = ("*", "/", "%", "+", "-", "<<", ">>", "||")


def condition_of(
    where: Expr | None, alias: str, args: Mapping[str, Json], context: Context | None = None
) -> Node:
    """The strongest node known to be implied by the bound condition for documents of ``alias``;
    what it says of other aliases is not used. Without a condition, ``EVERYTHING``."""
    return EVERYTHING if where is None else _Reader(alias, args, context).true(where)


class _Reader:
    def __init__(self, alias: str, args: Mapping[str, Json], context: Context | None) -> None:
        self._alias = alias
        self._args = args
        self._context = context

    def true(self, expr: Expr) -> Node:
        """What follows if the expression is true."""
        return self._decided(expr, True)

    def false(self, expr: Expr) -> Node:
        """What follows if the expression is false, which is more than that it is not true."""
        return self._decided(expr, False)

    def _decided(self, expr: Expr, answer: bool) -> Node:
        if self._is_fixed(expr):
            return EVERYTHING if self._fixed(expr) is answer else NOTHING
        match expr:
            case Unary("NOT", operand):
                return self._decided(operand, not answer)
            case Binary("AND" | "OR" as op):
                parts = [self._decided(part, answer) for part in operands(op, expr)]
                return all_of(parts) if (op == "AND") is answer else any_of(parts)
            case Binary("XOR", left, right):
                one = all_of([self.true(left), self._decided(right, not answer)])
                return any_of([one, all_of([self.false(left), self._decided(right, answer)])])
            case Binary(op, left, right) if op in _OPPOSITES:
                return self._comparison(op if answer else _OPPOSITES[op], left, right)
            case Is():
                return self._identity(expr if answer else replace(expr, negated=not expr.negated))
            case Between():
                return self._between(expr, answer is not expr.negated)
            case IsIn() | InQuery() | Like():
                return self._listed(expr, answer is not expr.negated)
            case Quantified(source=source, within=within):
                return self._value(source, there() if within else is_array())
            case Exists():
                return EVERYTHING
            case Call("starts_with", (text, prefix)) if self._is_fixed(prefix):
                return self._value(text, begins(self._fixed(prefix), answer))
        return self._value(expr, compared("=", answer))

    def _comparison(self, op: str, left: Expr, right: Expr) -> Node:
        if self._is_fixed(right):
            return self._value(left, compared(op, self._fixed(right)))
        if self._is_fixed(left):
            return self._value(right, compared(MIRRORED[op], self._fixed(left)))
        return all_of([self._value(left, there()), self._value(right, there())])

    def _between(self, expr: Between, answer: bool) -> Node:
        if answer and self._is_fixed((expr.low, expr.high)):
            return self._value(expr.operand, within(self._fixed(expr.low), self._fixed(expr.high)))
        low = Binary(">=", expr.operand, expr.low)
        high = Binary("<=", expr.operand, expr.high)
        return self._decided(Binary("AND", low, high), answer)

    def _listed(self, expr: IsIn | InQuery | Like, answer: bool) -> Node:
        match expr:
            case IsIn(operand, items) if self._is_fixed(items):
                values = self._fixed(items)
                return self._value(operand, (among if answer else not_among)(values))
            case IsIn(_, items):
                return self._value(items, is_array())
            case Like(operand, pattern, "like", escape) if self._is_fixed((pattern, escape)):
                mark = "\\" if escape is None else self._fixed(escape)
                return self._value(operand, like(self._fixed(pattern), mark, answer))
            case Like(operand):
                return self._value(operand, is_text())
        return self._value(expr.operand, there()) if answer else EVERYTHING

    def _identity(self, expr: Is) -> Node:
        if expr.what in ("true", "false") and not expr.negated:
            return self._decided(expr.operand, expr.what == "true")
        path = self._path(expr.operand)
        if path is None:
            return EVERYTHING
        wanted = {"null": None, "true": True, "false": False}
        node = Not(Has(path)) if expr.what == "missing" else Equals(path, wanted[expr.what])
        if not expr.negated:
            return node
        return node.part if isinstance(node, Not) else Not(node)

    def _value(self, expr: Expr, test: Test) -> Node:
        """What follows if the value of the expression passes the test."""
        if self._is_fixed(expr):
            return EVERYTHING if test.holds(self._fixed(expr)) else NOTHING
        match expr:
            case Field():
                path = self._path(expr)
                return EVERYTHING if path is None else test.node(path)
            case Call(name, (first, *rest)) if name in _FALLBACKS:
                if not rest:
                    return self._value(first, test)
                last = len(rest) == 1
                others = self._value(rest[0] if last else Call(name, tuple(rest)), test)
                return any_of([self._value(first, test), all_of([self._left(name, first), others])])
            case Member(base) | Item(base):
                return self._value(base, there())
            case Binary(op, left, right) if op in _ARITHMETIC:
                return all_of([self._value(left, there()), self._value(right, there())])
        return EVERYTHING

    def _left(self, name: str, first: Expr) -> Node:
        """When a fallback goes on to its next argument."""
        path = self._path(first)
        if path is None:
            return EVERYTHING
        if name == "ifnull":
            return Equals(path, None)
        return Not(Has(path)) if name == "ifmissing" else Not(Range(path))

    def _path(self, expr: Expr) -> tuple[str, ...] | None:
        own = isinstance(expr, Field) and expr.alias == self._alias and expr.path
        return expr.path if own and isinstance(expr, Field) else None

    def _fixed(self, expr: Expr) -> Any:
        return compile_expr(expr, self._args, context=self._context)({})

    def _is_fixed(self, node: Any) -> bool:
        """Whether an expression has the same value for every row."""
        if isinstance(node, Constant | Parameter):
            return True
        if isinstance(node, Field | Variable | InQuery | Exists):
            return False
        if isinstance(node, tuple):
            return all(self._is_fixed(part) for part in node)
        if isinstance(node, Binary):
            return self._is_fixed(node.left) and self._is_fixed(node.right)
        if not is_dataclass(node):
            return True
        return all(self._is_fixed(getattr(node, each.name)) for each in fields(node))
