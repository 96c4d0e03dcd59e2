"""The tree of a statement written as text: ``parse(text_of(tree)) == tree``.

A bound tree is written with its aliases and binds to itself again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

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
from sync.query.powers import NOT_POWER, POWERS, SIGN_POWER
from sync.query.syntax import Statement
from sync.query.unparse_statements import STATEMENTS
from sync.query.words import name_text, parameter_text, path_text, step_text, value_text

_ATOM: Final = 100


def text_of(node: Expr | Statement) -> str:
    """The text of an expression or a statement."""
    write = _EXPRESSIONS.get(type(node))
    return STATEMENTS[type(node)](node, text_of) if write is None else write(node)


def _power(node: Expr) -> int:
    """How tightly the outermost operator of an expression binds."""
    match node:
        case Binary(op=op):
            return POWERS[op]
        case Unary(op=op):
            return NOT_POWER if op == "NOT" else SIGN_POWER
        case Between() | IsIn() | InQuery():
            return POWERS["IN"]
        case Like():
            return POWERS["LIKE"]
        case Is():
            return POWERS["IS"]
        case Constant(value=int() | float() as value) if value < 0:
            return SIGN_POWER
        case _:
            return _ATOM


def _left(node: Expr, power: int) -> str:
    """An operand before an operator of this power."""
    return text_of(node) if _power(node) >= power else f"({text_of(node)})"


def _right(node: Expr, power: int) -> str:
    """An operand after an operator of this power."""
    return _left(node, power + 1)


def _not(negated: bool) -> str:
    return "NOT " if negated else ""


def _all(nodes: tuple[Expr, ...]) -> str:
    return ", ".join(map(text_of, nodes))


def _field(node: Field) -> str:
    if not node.alias:
        return path_text(node.path)
    return path_text((node.alias, *node.path))


def _member(node: Member) -> str:
    return _left(node.base, POWERS["."]) + step_text(node.key)


def _item(node: Item) -> str:
    return f"{_left(node.base, POWERS['['])}[{text_of(node.index)}]"


def _unary(node: Unary) -> str:
    if node.op == "NOT":
        return f"NOT {_left(node.operand, NOT_POWER)}"
    operand = _left(node.operand, SIGN_POWER)
    if node.op == "-" and operand[0].isdigit():  # Read as one negative number otherwise.
        return f"-({operand})"
    return f"{node.op} {operand}" if operand[0] in "+-" else f"{node.op}{operand}"


def _binary(node: Binary) -> str:
    power = POWERS[node.op]
    return f"{_left(node.left, power)} {node.op} {_right(node.right, power)}"


def _is(node: Is) -> str:
    return f"{_left(node.operand, POWERS['IS'])} IS {_not(node.negated)}{node.what.upper()}"


def _between(node: Between) -> str:
    power = POWERS["BETWEEN"]
    ends = f"{_right(node.low, power)} AND {_right(node.high, power)}"
    return f"{_left(node.operand, power)} {_not(node.negated)}BETWEEN {ends}"


def _is_in(node: IsIn) -> str:
    items = node.items
    listed = isinstance(items, ArrayOf)
    text = f"({_all(items.items)})" if isinstance(items, ArrayOf) else _right(items, POWERS["IN"])
    if not listed and text[0] == "(":  # Read as a list of one otherwise.
        text = f"[{text}][0]"
    return f"{_left(node.operand, POWERS['IN'])} {_not(node.negated)}IN {text}"


def _in_query(node: InQuery) -> str:
    operand = _left(node.operand, POWERS["IN"])
    return f"{operand} {_not(node.negated)}IN ({text_of(node.select)})"


def _exists(node: Exists) -> str:
    return f"EXISTS ({text_of(node.select)})"


_LIKES: Final = {"like": "LIKE", "ilike": "ILIKE", "similar": "SIMILAR TO"}


def _like(node: Like) -> str:
    power = POWERS["LIKE"]
    escape = "" if node.escape is None else f" ESCAPE {_right(node.escape, power)}"
    pattern = _LIKES[node.kind] + " " + _right(node.pattern, power)
    return f"{_left(node.operand, power)} {_not(node.negated)}{pattern}{escape}"


def _case(node: Case) -> str:
    parts = ["CASE"] if node.operand is None else [f"CASE {text_of(node.operand)}"]
    parts += [f"WHEN {text_of(when)} THEN {text_of(then)}" for when, then in node.whens]
    if node.otherwise is not None:
        parts.append(f"ELSE {text_of(node.otherwise)}")
    return " ".join([*parts, "END"])


def _call(node: Call) -> str:
    inner = "*" if node.star else ("DISTINCT " if node.distinct else "") + _all(node.args)
    return f"{node.name}({inner})"


def _object(node: ObjectOf) -> str:
    entries = [f"{text_of(key)}: {text_of(value)}" for key, value in node.entries]
    return "{" + ", ".join(entries) + "}"


def _source(node: Quantified | ArrayFor | ObjectFor) -> str:
    within = "WITHIN" if node.within else "IN"
    return f"{name_text(node.variable)} {within} {text_of(node.source)}"


def _quantified(node: Quantified) -> str:
    return f"{node.kind.upper()} {_source(node)} SATISFIES {text_of(node.condition)} END"


def _array_for(node: ArrayFor) -> str:
    return f"ARRAY {text_of(node.item)} FOR {_source(node)}{_when(node.when)} END"


def _object_for(node: ObjectFor) -> str:
    entry = f"{text_of(node.key)} : {text_of(node.value)}"
    return f"OBJECT {entry} FOR {_source(node)}{_when(node.when)} END"


def _when(condition: Expr | None) -> str:
    return "" if condition is None else f" WHEN {text_of(condition)}"


_EXPRESSIONS: Final[dict[type, Callable[[Any], str]]] = {
    Constant: lambda node: value_text(node.value),
    Missing: lambda node: "MISSING",
    Parameter: lambda node: parameter_text(node.name),
    Variable: lambda node: name_text(node.name),
    Field: _field,
    Member: _member,
    Item: _item,
    Unary: _unary,
    Binary: _binary,
    Is: _is,
    Between: _between,
    IsIn: _is_in,
    InQuery: _in_query,
    Exists: _exists,
    Like: _like,
    Case: _case,
    Call: _call,
    ArrayOf: lambda node: f"[{_all(node.items)}]",
    ObjectOf: _object,
    Quantified: _quantified,
    ArrayFor: _array_for,
    ObjectFor: _object_for,
}
