"""How two values compare: within one type they decide, across types or with null they are MISSING.

Integers and floats are one type and compare exactly; false is before true; texts compare by code
point, arrays item by item, objects by key and value in the order of their keys.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeAlias

from sync.core.values import INT_MAX, INT_MIN
from sync.query.evaluate import MISSING, sort_key

Value: TypeAlias = Any
"""A JSON value, or ``MISSING``."""

_KINDS: Final[dict[type, int]] = {bool: 0, int: 1, float: 1, str: 2, list: 3, dict: 4}
COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MIRRORED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""What an operator becomes when its sides change places."""
SCALAR_KINDS: Final = (0, 1, 2)
TEXT_KIND: Final = 2


def kind(value: Value) -> int | None:
    """Boolean, number, text, array or object by number; None for what compares with nothing."""
    return _KINDS.get(type(value))


def equal(left: Value, right: Value) -> Value:
    """``left = right``: true, false or MISSING."""
    return compare(operator.eq, left, right)


def compare(test: Callable[[Any, Any], bool], left: Value, right: Value) -> Value:
    """``test`` of the two, or MISSING if they are not of one type."""
    one = _KINDS.get(type(left))
    if one is None or one != _KINDS.get(type(right)):
        return MISSING
    if one <= TEXT_KIND:
        return test(left, right)
    return test(sort_key(left), sort_key(right))


def is_number(value: Value) -> bool:
    """An integer or a float; booleans are not numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Value) -> bool:
    """An integer; booleans are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def storable(value: float) -> Value:
    """The number, or MISSING if no document could hold it: an integer beyond 64 bits, infinity."""
    if isinstance(value, int):
        return value if INT_MIN <= value <= INT_MAX else MISSING
    return value if math.isfinite(value) else MISSING


def hashable(value: Value) -> Hashable:
    """A key that two values share exactly if they are equal, null and MISSING included: for
    DISTINCT, GROUP BY and IN."""
    if isinstance(value, list):
        return (3, tuple(hashable(item) for item in value))
    if isinstance(value, dict):
        return (4, frozenset((key, hashable(item)) for key, item in value.items()))
    return (_KINDS.get(type(value), 5), None if value is MISSING else (value,))


class Members:
    """The values on the right of IN. ``x IN items`` is the OR of ``x = item``: true if one is
    equal, MISSING if x could not be compared with one of them, otherwise false; for null and
    MISSING it is MISSING even of no items."""

    __slots__ = ("_kinds", "_others", "_scalars")

    def __init__(self, values: Iterable[Value]) -> None:
        self._scalars: dict[int | None, set[Value]] = {each: set() for each in SCALAR_KINDS}
        self._others: set[Hashable] = set()
        self._kinds: set[int | None] = set()
        for value in values:
            own = kind(value)
            self._kinds.add(own)
            if own in SCALAR_KINDS:
                self._scalars[own].add(value)
            else:
                self._others.add(hashable(value))

    def holds(self, value: Value) -> Value:
        """True, false or MISSING."""
        own = kind(value)
        if own is None:
            return MISSING
        scalars = self._scalars.get(own)
        if value in scalars if scalars is not None else hashable(value) in self._others:
            return True
        return False if self._kinds <= {own} else MISSING
