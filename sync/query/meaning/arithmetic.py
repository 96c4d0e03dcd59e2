"""Arithmetic on integers of 64 bits and finite floats; a result that is neither is MISSING.

Two integers divide to an integer, cut towards zero: ``5 / 2`` is 2 and ``-5 / 2`` is -2; the rest
takes the sign of the first, so that ``a = a / b * b + a % b``. With a float on either side the
result is a float. Dividing by zero, integer or float, is MISSING; so is a shift by less than 0 or
more than 63 places, and an integer beyond 64 bits (it is never rounded to a float).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from sync.core.values import INT_MAX, INT_MIN
from sync.query.caps import TEXT_CHARS_MAX
from sync.query.evaluate import MISSING
from sync.query.meaning.parts import Compiled, combine
from sync.query.values import Value, is_number, storable

_SHIFT_PLACES_MAX: Final = 63


def unary(op: str, operand: Compiled) -> Compiled:
    """``-`` and ``+`` before a number."""
    sign = -1 if op == "-" else 1
    return combine(lambda value: storable(sign * value) if is_number(value) else MISSING, operand)


def arithmetic(op: str, left: Compiled, right: Compiled) -> Compiled:
    """``left op right`` for ``* / % + - << >> ||``."""
    if op == "||":
        return combine(joined, left, right)
    takes = (int, int) if op in ("<<", ">>") else (int, float)
    return combine(_guarded(_OPERATIONS[op], takes), left, right)


def joined(left: Value, right: Value) -> Value:
    """Two texts as one; MISSING beyond ``TEXT_CHARS_MAX``."""
    if not isinstance(left, str) or not isinstance(right, str):
        return MISSING
    return left + right if len(left) + len(right) <= TEXT_CHARS_MAX else MISSING


def _guarded(
    operation: Callable[[Any, Any], Value], takes: tuple[type, type]
) -> Callable[[Value, Value], Value]:
    def run(left: Value, right: Value) -> Value:
        if type(left) not in takes or type(right) not in takes:
            return MISSING
        try:
            result = operation(left, right)
        except (ArithmeticError, ValueError):
            return MISSING
        if type(result) is int:
            return result if INT_MIN <= result <= INT_MAX else MISSING
        return result if result is MISSING else storable(result)

    return run


def _divide(left: Any, right: Any) -> Value:
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _rest(left: Any, right: Any) -> Value:
    if isinstance(left, float) or isinstance(right, float):
        return math.fmod(left, right)
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _shift(left: int, places: int) -> Value:
    return left << places if 0 <= places <= _SHIFT_PLACES_MAX else MISSING


def _shift_back(left: int, places: int) -> Value:
    return left >> places if 0 <= places <= _SHIFT_PLACES_MAX else MISSING


_OPERATIONS: Final[dict[str, Callable[[Any, Any], Value]]] = {
    "*": operator.mul,
    "/": _divide,
    "%": _rest,
    "+": operator.add,
    "-": operator.sub,
    "<<": _shift,
    ">>": _shift_back,
}
