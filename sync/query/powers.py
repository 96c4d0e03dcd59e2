"""How tightly DQL's operators bind; for reading expressions and for writing them."""

from __future__ import annotations

from typing import Final

from sync.query.expressions import Binary, Expr

POWERS: Final = {
    **dict.fromkeys((".", "["), 60),
    **dict.fromkeys(("*", "/", "%"), 40),
    **dict.fromkeys(("+", "-"), 30),
    **dict.fromkeys(("||", "<<", ">>"), 22),
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "BETWEEN", "IN"), 20),
    **dict.fromkeys(("LIKE", "ILIKE", "SIMILAR"), 19),
    "IS": 17,
    "AND": 10,
    "XOR": 7,
    "OR": 5,
}
SIGN_POWER: Final = 50
NOT_POWER: Final = 15

# Shorter chains of AND, OR and || lean left, as written. A longer one is halved again and again so
# that thousands of terms are no deep tree; written out again, its left edge is a short chain.
CHAIN_TERMS_MAX: Final = 20


def balanced(op: str, terms: list[Expr], places: list[int]) -> Expr:
    """The terms joined by an operator whose order of evaluation does not matter; ``places`` are the
    offsets of the operators between them."""
    if len(terms) <= CHAIN_TERMS_MAX:
        tree = terms[0]
        for place, term in zip(places, terms[1:], strict=True):
            tree = Binary(op, tree, term, place)
        return tree
    return _halved(op, terms, places, 0, len(terms))


def _halved(op: str, terms: list[Expr], places: list[int], start: int, end: int) -> Expr:
    if end - start == 1:
        return terms[start]
    middle = (start + end + 1) // 2
    left = _halved(op, terms, places, start, middle)
    return Binary(op, left, _halved(op, terms, places, middle, end), places[middle - 1])
