"""Names within expressions: fields, variables and the SELECTs inside; parameters are noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sync.query.aggregates import AGGREGATES
from sync.query.errors import StatementInvalid, UnknownFunction, nearest, quoted
from sync.query.expressions import (
    ArrayFor,
    ArrayOf,
    Between,
    Binary,
    Call,
    Case,
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
    Missing,
    ObjectFor,
    ObjectOf,
    Parameter,
    Quantified,
    Unary,
    Variable,
)
from sync.query.functions import FUNCTIONS
from sync.query.scope import Scope, members
from sync.query.syntax import Column

if TYPE_CHECKING:
    from sync.query.syntax import Select


class Names:
    """Resolves the names of expressions. ``parameters`` are those met, by name; of these ``counts``
    stand after LIMIT or OFFSET, and ``listed`` alone in the parentheses of ``IN (…)``.
    ``aggregates`` counts those met."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parameters: dict[str, Parameter] = {}
        self.counts: set[str] = set()
        self.listed: set[str] = set()
        self.aggregates = 0

    def select(self, select: Select, outer: Scope) -> Select:
        """A SELECT within an expression; bound by the class that knows statements."""
        raise AssertionError

    def expr(self, node: Expr, scope: Scope) -> Expr:
        """The expression, bound."""
        return _EXPRESSIONS[type(node)](self, node, scope)

    def maybe(self, node: Expr | None, scope: Scope) -> Expr | None:
        """The expression, bound, if there is one."""
        return None if node is None else _EXPRESSIONS[type(node)](self, node, scope)

    def exprs(self, nodes: tuple[Expr, ...], scope: Scope) -> tuple[Expr, ...]:
        """The expressions, bound."""
        return tuple([_EXPRESSIONS[type(node)](self, node, scope) for node in nodes])

    def count(self, node: Expr | None) -> Expr | None:
        """What stands after LIMIT or OFFSET."""
        if isinstance(node, Parameter):
            self.parameters.setdefault(node.name, node)
            self.counts.add(node.name)
        return node

    def _same(self, node: Expr, scope: Scope) -> Expr:
        return node

    def _parameter(self, node: Parameter, scope: Scope) -> Expr:
        self.parameters.setdefault(node.name, node)
        return node

    def _field(self, node: Field, scope: Scope) -> Expr:
        return node if node.alias else scope.resolve(node, self.text)

    def _member(self, node: Member, scope: Scope) -> Expr:
        return members(self.expr(node.base, scope), (node.key,))

    def _item(self, node: Item, scope: Scope) -> Expr:
        return Item(self.expr(node.base, scope), self.expr(node.index, scope))

    def _unary(self, node: Unary, scope: Scope) -> Expr:
        return Unary(node.op, self.expr(node.operand, scope))

    def _binary(self, node: Binary, scope: Scope) -> Expr:
        left, right = self.expr(node.left, scope), self.expr(node.right, scope)
        return Binary(node.op, left, right, node.at)

    def _is(self, node: Is, scope: Scope) -> Expr:
        return Is(self.expr(node.operand, scope), node.what, node.negated)

    def _between(self, node: Between, scope: Scope) -> Expr:
        operand, low = self.expr(node.operand, scope), self.expr(node.low, scope)
        return Between(operand, low, self.expr(node.high, scope), node.negated)

    def _is_in(self, node: IsIn, scope: Scope) -> Expr:
        items = node.items
        if isinstance(items, ArrayOf) and len(items.items) == 1:
            only = items.items[0]
            if isinstance(only, Parameter):
                self.listed.add(only.name)
        return IsIn(self.expr(node.operand, scope), self.expr(items, scope), node.negated)

    def _in_query(self, node: InQuery, scope: Scope) -> Expr:
        columns = node.select.columns
        if len(columns) != 1 or not isinstance(columns[0], Column):
            message = "A SELECT after IN has one column."
            raise StatementInvalid(message, self.text, node.select.source.at)
        operand = self.expr(node.operand, scope)
        return InQuery(operand, self.select(node.select, scope.without_columns()), node.negated)

    def _exists(self, node: Exists, scope: Scope) -> Expr:
        return Exists(self.select(node.select, scope.without_columns()))

    def _like(self, node: Like, scope: Scope) -> Expr:
        operand, pattern = self.expr(node.operand, scope), self.expr(node.pattern, scope)
        return Like(operand, pattern, node.kind, self.maybe(node.escape, scope), node.negated)

    def _case(self, node: Case, scope: Scope) -> Expr:
        operand = self.maybe(node.operand, scope)
        whens = [(self.expr(when, scope), self.expr(then, scope)) for when, then in node.whens]
        return Case(operand, tuple(whens), self.maybe(node.otherwise, scope))

    def _call(self, node: Call, scope: Scope) -> Expr:
        if node.name in AGGREGATES:
            self._check_aggregate(node)
            self.aggregates += 1
            scope = scope.without_columns()
        elif node.distinct:
            message = f"DISTINCT stands only in aggregates, not in {node.name}."
            raise StatementInvalid(message, self.text, node.at)
        else:
            self._check_function(node)
        return Call(node.name, self.exprs(node.args, scope), node.distinct, node.star, node.at)

    def _check_aggregate(self, node: Call) -> None:
        if not node.star and len(node.args) != 1:
            message = f"{node.name.upper()} takes one value."
            raise StatementInvalid(message, self.text, node.at)

    def _check_function(self, node: Call) -> None:
        function = FUNCTIONS.get(node.name)
        if function is None:
            near = nearest(node.name, (*FUNCTIONS, *AGGREGATES))
            hint = "" if near is None else f" Did you mean {near}?"
            message = f"There is no function {quoted(node.name)}.{hint}"
            raise UnknownFunction(message, self.text, node.at, nearest=near)
        if not function.takes(len(node.args)):
            message = f"{function.signature} takes {function.arguments}, not {len(node.args)}."
            raise StatementInvalid(message, self.text, node.at)

    def _array(self, node: ArrayOf, scope: Scope) -> Expr:
        return ArrayOf(self.exprs(node.items, scope))

    def _object(self, node: ObjectOf, scope: Scope) -> Expr:
        return ObjectOf(tuple([(key, self.expr(value, scope)) for key, value in node.entries]))

    def _quantified(self, node: Quantified, scope: Scope) -> Expr:
        source = self.expr(node.source, scope)
        condition = self.expr(node.condition, scope.within(node.variable))
        return Quantified(node.kind, node.variable, source, node.within, condition)

    def _array_for(self, node: ArrayFor, scope: Scope) -> Expr:
        source, inner = self.expr(node.source, scope), scope.within(node.variable)
        item, when = self.expr(node.item, inner), self.maybe(node.when, inner)
        return ArrayFor(item, node.variable, source, node.within, when)

    def _object_for(self, node: ObjectFor, scope: Scope) -> Expr:
        source, inner = self.expr(node.source, scope), scope.within(node.variable)
        key, value = self.expr(node.key, inner), self.expr(node.value, inner)
        when = self.maybe(node.when, inner)
        return ObjectFor(key, value, node.variable, source, node.within, when)


_EXPRESSIONS: Final[dict[type, Callable[[Names, Any, Scope], Expr]]] = {
    Constant: Names._same,
    Missing: Names._same,
    Variable: Names._same,
    Parameter: Names._parameter,
    Field: Names._field,
    Member: Names._member,
    Item: Names._item,
    Unary: Names._unary,
    Binary: Names._binary,
    Is: Names._is,
    Between: Names._between,
    IsIn: Names._is_in,
    InQuery: Names._in_query,
    Exists: Names._exists,
    Like: Names._like,
    Case: Names._case,
    Call: Names._call,
    ArrayOf: Names._array,
    ObjectOf: Names._object,
    Quantified: Names._quantified,
    ArrayFor: Names._array_for,
    ObjectFor: Names._object_for,
}
