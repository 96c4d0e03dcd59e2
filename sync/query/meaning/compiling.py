"""From the tree of an expression to a function of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from sync.ids import Json
from sync.query.evaluate import MISSING
from sync.query.functions import FUNCTIONS, Context
from sync.query.meaning import arithmetic, comparing, iterating, logic, subqueries
from sync.query.meaning.matching import matching
from sync.query.meaning.parts import (
    Compiled,
    Fixed,
    RunSelect,
    aggregate_key,
    combine,
    field,
    variable_key,
)
from sync.query.syntax import (
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
from sync.query.values import COMPARISONS, Value, is_integer

Within: TypeAlias = Callable[[InQuery | Exists, Callable[[Expr], Compiled]], Compiled]
"""Makes a function of a row of an IN or EXISTS with a SELECT, NOT left aside; what it gets as well
makes one of an expression around the SELECT."""


def compile_expr(
    expr: Expr,
    args: Mapping[str, Json],
    *,
    run_select: RunSelect | None = None,
    context: Context | None = None,
    aggregates: Sequence[Call] = (),
    within: Within | None = None,
) -> Compiled:
    """The expression as a function of a ``Row`` that never raises; a condition holds for a row only
    if its value ``is True``.

    ``expr`` is bound and its functions are known. ``args`` holds a value for every parameter.
    ``run_select`` is needed only for SELECT within the expression, unless ``within`` makes these.
    An aggregate is looked up in ``aggregates``, and its value in the row under ``aggregate_key`` of
    its place there.

    What is made here remembers the answers of SELECTs, so it serves one statement on one state of
    the data."""
    return _Compiler(args, run_select, context or Context(), aggregates, within).part(expr)


class _Compiler:
    def __init__(
        self,
        args: Mapping[str, Json],
        run_select: RunSelect | None,
        context: Context,
        aggregates: Sequence[Call],
        within: Within | None,
    ) -> None:
        self._within = within
        self._args = args
        self._run_select = run_select
        self._context = context
        self._aggregates = aggregates

    def part(self, expr: Expr) -> Compiled:
        """One expression, whatever it is."""
        return _PARTS[type(expr)](self, expr)

    def _optional(self, expr: Expr | None) -> Compiled | None:
        return None if expr is None else self.part(expr)

    def _field(self, expr: Field) -> Compiled:
        return field(expr.alias, expr.path)

    def _fixed(self, expr: Constant | Parameter | Missing) -> Compiled:
        match expr:
            case Constant(value):
                return Fixed(value)
            case Parameter(name):
                return Fixed(self._args[name])
        return Fixed(MISSING)

    def _variable(self, expr: Variable) -> Compiled:
        key = variable_key(expr.name)
        return lambda row: row[key]

    def _unary(self, expr: Unary) -> Compiled:
        operand = self.part(expr.operand)
        return logic.negation(operand) if expr.op == "NOT" else arithmetic.unary(expr.op, operand)

    def _binary(self, expr: Binary) -> Compiled:
        if expr.op in ("AND", "OR", "XOR"):
            return self._junction(expr)
        make = comparing.comparison if expr.op in COMPARISONS else arithmetic.arithmetic
        return make(expr.op, self.part(expr.left), self.part(expr.right))

    def _is(self, expr: Is) -> Compiled:
        return logic.identity(self.part(expr.operand), expr.what, expr.negated)

    def _between(self, expr: Between) -> Compiled:
        operand, low, high = (self.part(each) for each in (expr.operand, expr.low, expr.high))
        return _maybe_not(expr, comparing.between(operand, low, high))

    def _in(self, expr: IsIn) -> Compiled:
        return _maybe_not(
            expr, comparing.membership(self.part(expr.operand), self.part(expr.items))
        )

    def _like(self, expr: Like) -> Compiled:
        operand, pattern = self.part(expr.operand), self.part(expr.pattern)
        return _maybe_not(expr, matching(expr.kind, operand, pattern, self._optional(expr.escape)))

    def _case(self, expr: Case) -> Compiled:
        whens = [(self.part(when), self.part(then)) for when, then in expr.whens]
        last = Fixed(None) if expr.otherwise is None else self.part(expr.otherwise)
        return logic.choice(self._optional(expr.operand), whens, last)

    def _junction(self, expr: Binary) -> Compiled:
        if expr.op == "XOR":
            return logic.exclusive(self.part(expr.left), self.part(expr.right))
        parts = [self.part(each) for each in operands(expr.op, expr)]
        return logic.conjunction(parts) if expr.op == "AND" else logic.disjunction(parts)

    def _structure(self, expr: Member | Item | ArrayOf | ObjectOf) -> Compiled:
        match expr:
            case Member(base, key):
                return combine(_item, self.part(base), Fixed(key))
            case Item(base, index):
                return combine(_item, self.part(base), self.part(index))
            case ArrayOf(items):
                return combine(_array, *[self.part(item) for item in items])
            case ObjectOf(entries):
                return combine(_object, *[self.part(each) for entry in entries for each in entry])

    def _call(self, expr: Call) -> Compiled:
        if self._aggregates and expr in self._aggregates:
            key = aggregate_key(self._aggregates.index(expr))
            return lambda row: row[key]
        function = FUNCTIONS[expr.name]
        call = partial(function.call, self._context) if function.contextual else function.call
        return combine(call, *[self.part(each) for each in expr.args])

    def _loop(self, expr: Quantified | ArrayFor | ObjectFor) -> Compiled:
        loop = iterating.Loop(expr.variable, self.part(expr.source), expr.within)
        match expr:
            case Quantified():
                return iterating.quantified(expr.kind, loop, self.part(expr.condition))
            case ArrayFor():
                return iterating.array_for(self.part(expr.item), loop, self._optional(expr.when))
            case ObjectFor():
                key, value = self.part(expr.key), self.part(expr.value)
                return iterating.object_for(key, value, loop, self._optional(expr.when))

    def _select(self, expr: InQuery | Exists) -> Compiled:
        if self._within is not None:
            met = self._within(expr, self.part)
            return met if isinstance(expr, Exists) else _maybe_not(expr, met)
        assert self._run_select is not None, "SELECT within an expression needs run_select"
        if isinstance(expr, Exists):
            return subqueries.exists(expr, self._run_select)
        found = subqueries.in_query(self.part(expr.operand), expr, self._run_select)
        return _maybe_not(expr, found)


def _maybe_not(expr: Between | IsIn | Like | InQuery, found: Compiled) -> Compiled:
    return logic.negation(found) if expr.negated else found


_PARTS: Final[dict[type, Callable[[_Compiler, Any], Compiled]]] = {
    Field: _Compiler._field,
    Variable: _Compiler._variable,
    Unary: _Compiler._unary,
    Binary: _Compiler._binary,
    Is: _Compiler._is,
    Between: _Compiler._between,
    IsIn: _Compiler._in,
    Like: _Compiler._like,
    Case: _Compiler._case,
    Call: _Compiler._call,
    **dict.fromkeys((Constant, Parameter, Missing), _Compiler._fixed),
    **dict.fromkeys((Member, Item, ArrayOf, ObjectOf), _Compiler._structure),
    **dict.fromkeys((Quantified, ArrayFor, ObjectFor), _Compiler._loop),
    **dict.fromkeys((InQuery, Exists), _Compiler._select),
}


def operands(op: str, expr: Expr) -> list[Expr]:
    """``a AND b AND c`` as its three parts, however it is bracketed."""
    found: list[Expr] = []
    waiting = [expr]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Binary) and each.op == op:
            waiting += (each.right, each.left)
        else:
            found.append(each)
    return found


def _item(base: Value, index: Value) -> Value:
    """An item of an array by number, from its end if negative; of an object by name."""
    if isinstance(base, dict) and isinstance(index, str):
        return base.get(index, MISSING)
    if isinstance(base, list) and is_integer(index) and -len(base) <= index < len(base):
        return base[index]
    return MISSING


def _array(*items: Value) -> Value:
    """Every item keeps its place, so one that is MISSING becomes null."""
    return [None if item is MISSING else item for item in items]


def _object(*parts: Value) -> Value:
    """Entries that are MISSING are left out; without text for a key there is no object."""
    keys: tuple[Any, ...] = parts[::2]
    if not all(isinstance(key, str) for key in keys):
        return MISSING
    entries = zip(keys, parts[1::2], strict=True)
    return {key: value for key, value in entries if value is not MISSING}
