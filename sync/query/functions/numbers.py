"""Functions of numbers. What is no number makes them MISSING."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from sync.query.evaluate import MISSING
from sync.query.functions.registry import Family
from sync.query.values import Value, is_integer, is_number, storable

FAMILY = Family("Numbers")

_PLACES_MAX = 15
"""More decimal places than a float holds."""
_WHOLE_FROM = 2.0**53
"""From here on a float has no fraction."""
_HALVES_UP = Context(prec=40, rounding=ROUND_HALF_UP)


@FAMILY.add("abs(number)", "The number without its sign.", "abs(-3)")
def absolute(number: Value) -> Value:
    return storable(abs(number)) if is_number(number) else MISSING


@FAMILY.add("ceil(number)", "The next whole number upwards, an integer.", "ceil(2.1)")
def ceil(number: Value) -> Value:
    return storable(math.ceil(number)) if is_number(number) else MISSING


@FAMILY.add("floor(number)", "The next whole number downwards, an integer.", "floor(2.9)")
def floor(number: Value) -> Value:
    return storable(math.floor(number)) if is_number(number) else MISSING


@FAMILY.add(
    "round(number, [places])",
    "The nearest number with so many decimal places, halves away from zero; an integer without "
    "places.",
    "round(2.5)",
)
def rounded(number: Value, places: Value = 0) -> Value:
    if not is_number(number) or not is_integer(places) or not 0 <= places <= _PLACES_MAX:
        return MISSING
    if isinstance(number, int):
        return number
    if abs(number) >= _WHOLE_FROM:
        return number if places else storable(int(number))
    exact = Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), context=_HALVES_UP)
    return float(exact) if places else int(exact)


@FAMILY.add("sqrt(number)", "The square root, a float.", "sqrt(9)")
def sqrt(number: Value) -> Value:
    return math.sqrt(number) if is_number(number) and number >= 0 else MISSING


@FAMILY.add(
    "power(base, exponent)",
    "The base raised to the exponent; an integer if both are and the exponent is not negative.",
    "power(2, 10)",
)
def power(base: Value, exponent: Value) -> Value:
    if not is_number(base) or not is_number(exponent):
        return MISSING
    whole = isinstance(base, int) and isinstance(exponent, int) and exponent >= 0
    try:
        # The float tells what is too large before anybody multiplies out a giant.
        about = math.pow(base, exponent)
    except (ArithmeticError, ValueError):
        return MISSING
    if not whole:
        return storable(about)
    return storable(base**exponent) if abs(about) < 2.0**64 else MISSING


@FAMILY.add("sign(number)", "-1, 0 or 1.", "sign(-3)")
def sign(number: Value) -> Value:
    return (number > 0) - (number < 0) if is_number(number) else MISSING
