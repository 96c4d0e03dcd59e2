"""Comparison operators, BETWEEN and IN, as parts of compiled expressions."""

from __future__ import annotations

import operator

from sync.query.evaluate import MISSING
from sync.query.meaning.parts import Compiled, Fixed, Row, combine
from sync.query.values import (
    COMPARISONS,
    MIRRORED,
    SCALAR_KINDS,
    TEXT_KIND,
    Members,
    Value,
    compare,
    equal,
    kind,
)


def comparison(op: str, left: Compiled, right: Compiled) -> Compiled:
    """``left op right``; quick where one side is fixed."""
    if isinstance(right, Fixed) and not isinstance(left, Fixed):
        return _against(op, left, right.value)
    if isinstance(left, Fixed) and not isinstance(right, Fixed):
        return _against(MIRRORED[op], right, left.value)
    test = COMPARISONS[op]
    return combine(lambda one, other: compare(test, one, other), left, right)


def between(operand: Compiled, low: Compiled, high: Compiled) -> Compiled:
    """``low <= operand AND operand <= high``, the operand read once."""
    if isinstance(low, Fixed) and isinstance(high, Fixed):
        least, most, wanted = low.value, high.value, kind(low.value)
        if wanted in SCALAR_KINDS and kind(most) == wanted:

            def scalar(row: Row) -> Value:
                value = operand(row)
                return least <= value <= most if kind(value) == wanted else MISSING

            return scalar

    def run(value: Value, start: Value, end: Value) -> Value:
        above = compare(operator.ge, value, start)
        below = compare(operator.le, value, end)
        if above is False or below is False:
            return False
        return (above is True and below is True) or MISSING

    return combine(run, operand, low, high)


def _against(op: str, read: Compiled, limit: Value) -> Compiled:
    test, wanted = COMPARISONS[op], kind(limit)
    if wanted is None:
        return Fixed(MISSING)
    if wanted == TEXT_KIND:
        if op == "=":
            return _same_text(read, limit)

        def text(row: Row) -> Value:
            value = read(row)
            return test(value, limit) if type(value) is str else MISSING

        return text
    if wanted not in SCALAR_KINDS:
        return lambda row: compare(test, read(row), limit)
    one, other = (bool, bool) if isinstance(limit, bool) else (int, float)

    def scalar(row: Row) -> Value:
        value = read(row)
        own = type(value)
        return test(value, limit) if own is one or own is other else MISSING

    return scalar


def _same_text(read: Compiled, limit: str) -> Compiled:
    def same_text(row: Row) -> Value:
        value = read(row)
        return value == limit if type(value) is str else MISSING

    return same_text


def membership(operand: Compiled, items: Compiled) -> Compiled:
    """``operand IN items``; MISSING if the items are no array."""
    if isinstance(items, Fixed):
        if not isinstance(items.value, list):
            return Fixed(MISSING)
        holds = Members(items.value).holds
        return combine(holds, operand)

    def run(value: Value, values: Value) -> Value:
        if not isinstance(values, list) or kind(value) is None:
            return MISSING
        answers = [equal(value, each) for each in values]
        if True in answers:
            return True
        return MISSING if MISSING in answers else False

    return combine(run, operand, items)
