"""NOT, AND, OR, XOR, IS and CASE. The truth values are true, false and MISSING; whatever else an
operand is, null too, counts as MISSING.

False decides an AND and true an OR, whatever the other side is. Otherwise an operand that is
MISSING makes the answer MISSING. So the laws of De Morgan hold.
"""

from __future__ import annotations

from typing import Final

from sync.query.evaluate import MISSING
from sync.query.meaning.parts import Compiled, Fixed, Row, combine
from sync.query.values import Value, equal


def negation(part: Compiled) -> Compiled:
    """``NOT part``."""
    return combine(lambda value: (not value) if isinstance(value, bool) else MISSING, part)


def conjunction(parts: list[Compiled]) -> Compiled:
    """All parts, from the left until one is false."""
    return _chain(parts, decides=False)


def disjunction(parts: list[Compiled]) -> Compiled:
    """Any part, from the left until one is true."""
    return _chain(parts, decides=True)


def _chain(parts: list[Compiled], *, decides: bool) -> Compiled:
    others: Final = not decides
    if all(isinstance(part, Fixed) for part in parts):
        return Fixed(_decide([part({}) for part in parts], decides))
    if len(parts) == 2:
        left, right = parts

        def two(row: Row) -> Value:
            one = left(row)
            if one is decides:
                return decides
            other = right(row)
            if other is decides:
                return decides
            return others if one is others and other is others else MISSING

        return two

    def many(row: Row) -> Value:
        answer: Value = others
        for part in parts:
            value = part(row)
            if value is decides:
                return decides
            if value is not others:
                answer = MISSING
        return answer

    return many


def _decide(values: list[Value], decides: bool) -> Value:
    if any(value is decides for value in values):
        return decides
    return (not decides) if all(value is (not decides) for value in values) else MISSING


def exclusive(left: Compiled, right: Compiled) -> Compiled:
    """``left XOR right``: exactly one is true."""

    def run(one: Value, other: Value) -> Value:
        if not isinstance(one, bool) or not isinstance(other, bool):
            return MISSING
        return one is not other

    return combine(run, left, right)


def identity(part: Compiled, what: str, negated: bool) -> Compiled:
    """``IS [NOT] NULL | MISSING | TRUE | FALSE``: always true or false."""
    wanted = {"null": None, "missing": MISSING, "true": True, "false": False}[what]
    if negated:
        return combine(lambda value: value is not wanted, part)
    return combine(lambda value: value is wanted, part)


def choice(
    operand: Compiled | None, whens: list[tuple[Compiled, Compiled]], otherwise: Compiled
) -> Compiled:
    """``CASE``: the first branch whose condition is true, or whose value equals the operand."""

    def searched(row: Row) -> Value:
        for condition, result in whens:
            if condition(row) is True:
                return result(row)
        return otherwise(row)

    if operand is None:
        return searched

    def simple(row: Row) -> Value:
        value = operand(row)
        for candidate, result in whens:
            if equal(value, candidate(row)) is True:
                return result(row)
        return otherwise(row)

    return simple
