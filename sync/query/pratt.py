"""Expressions, by operator precedence (Pratt): each operator has a binding power.

From tight to loose: ``. []`` 60, unary ``- +`` 50, ``* / %`` 40, ``+ -`` 30, ``|| << >>`` 22,
comparisons, BETWEEN, IN 20, LIKE, ILIKE, SIMILAR TO 19, IS 17, NOT 15, AND 10, XOR 7, OR 5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn, cast
from typing import Literal as OneOf

from sync.query.atoms import Atoms
from sync.query.errors import StatementUnreadable
from sync.query.expressions import (
    ArrayOf,
    Between,
    Binary,
    Constant,
    Expr,
    Field,
    InQuery,
    Is,
    IsIn,
    Item,
    Like,
    Member,
)
from sync.query.powers import CHAIN_TERMS_MAX, NOT_POWER, POWERS, balanced

NEGATABLE: Final = ("IN", "BETWEEN", "LIKE", "ILIKE", "SIMILAR")
_NEXT: Final = "an operator"


class Expressions(Atoms):
    """Reads expressions."""

    def expression(self, floor: int = 0) -> Expr:
        """An expression of operators that bind tighter than ``floor``."""
        self.descend()
        outer, self.height = self.height, 0
        kind = self.token[0]
        if kind == "NOT" and floor > NOT_POWER:
            self._loose_not()
        left = self.atom()
        while True:
            kind = self.token[0]
            power = POWERS.get(kind, 0)
            if kind == "NOT":
                power = self._negated_power()
            if power <= floor:
                break
            left = _OPERATORS[kind](self, left)
            self.height += 1
        height = self.height + 1
        if height > self.levels_left():
            self.too_deep()
        self.height = max(height, outer)
        self.depth -= 1
        return left

    def _negated_power(self) -> int:
        kind = self.ahead()[0]
        return POWERS[kind] if kind in NEGATABLE else 0

    def _loose_not(self) -> NoReturn:
        message = "NOT binds looser than the operator before it: put NOT and what follows in ( )."
        raise StatementUnreadable(message, self.text, self.token[2])

    def binary(self, left: Expr) -> Expr:
        """``left operator right``, to the left of what follows."""
        kind, _, at = self.advance()
        return Binary(kind, left, self.expression(POWERS[kind]), at)

    def chain(self, left: Expr) -> Expr:
        """``a AND b AND …``: a long chain becomes a flat tree, as the order does not matter."""
        kind = self.token[0]
        terms, places = [left], []
        leaning = tallest = self.height
        while self.token[0] == kind:
            self.height = 0
            places.append(self.advance()[2])
            terms.append(self.expression(POWERS[kind]))
            tallest = max(tallest, self.height)
            leaning = max(leaning, self.height) + 1
        if len(terms) <= CHAIN_TERMS_MAX:
            self.height = leaning - 1
        else:
            self.height = tallest + len(terms).bit_length()
        return balanced(kind, terms, places)

    def compare_many(self, left: Expr) -> Expr:
        """Whatever may stand after NOT: IN, BETWEEN and the patterns."""
        negated = self.accept("NOT")
        kind = self.advance()[0]
        if kind == "IN":
            return self._is_in(left, negated)
        if kind == "BETWEEN":
            low = self.expression(20)
            self.expect("AND")
            return Between(left, low, self.expression(20), negated)
        if kind == "SIMILAR":
            self.expect_word("TO")
        pattern = self.expression(19)
        escape = self.expression(19) if self.accept("ESCAPE") else None
        named = cast(OneOf["like", "ilike", "similar"], kind.lower())
        return Like(left, pattern, named, escape, negated)

    def _is_in(self, left: Expr, negated: bool) -> Expr:
        if self.token[0] != "(":
            return IsIn(left, self.expression(20), negated)
        if self.ahead()[0] == "SELECT":
            return InQuery(left, self.select_in_parentheses(), negated)
        self.advance()
        items = self.listed(")") if self.token[0] != ")" else ()
        self.expect(")")
        return IsIn(left, ArrayOf(items), negated)

    def is_what(self, left: Expr) -> Expr:
        """``IS [NOT] NULL | MISSING | TRUE | FALSE``."""
        self.advance()
        negated = self.accept("NOT")
        kind = self.token[0]
        if kind not in ("NULL", "MISSING", "TRUE", "FALSE"):
            self.fail("NULL", "MISSING", "TRUE", "FALSE")
        self.advance()
        return Is(left, cast(OneOf["null", "missing", "true", "false"], kind.lower()), negated)

    def member(self, left: Expr) -> Expr:
        """``left.key``"""
        self.advance()
        key = self.step()
        if isinstance(left, Field):
            return Field("", (*left.path, key), left.at)
        return Member(left, key)

    def item(self, left: Expr) -> Expr:
        """``left[index]``; a text after a plain field is a step of its path."""
        self.advance()
        index = self.expression()
        if self.token[0] in (":", "parameter"):
            self.not_supported("Slices are not part of DQL; take single items: `field[0]`.")
        self.expect("]")
        if isinstance(left, Field) and isinstance(index, Constant) and isinstance(index.value, str):
            return Field("", (*left.path, index.value), left.at)
        return Item(left, index)


_OPERATORS: Final[dict[str, Callable[[Expressions, Expr], Expr]]] = {
    **dict.fromkeys(POWERS, Expressions.binary),
    **dict.fromkeys(("AND", "OR", "||"), Expressions.chain),
    **dict.fromkeys(("NOT", *NEGATABLE), Expressions.compare_many),
    "IS": Expressions.is_what,
    ".": Expressions.member,
    "[": Expressions.item,
}
