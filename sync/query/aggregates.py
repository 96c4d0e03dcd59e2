"""Aggregates: one value over the rows of a group.

Over no rows, or none with a fitting value, all but COUNT are MISSING. Null and MISSING never count;
SUM, AVG, MEDIAN and MID take numbers alone, MIN and MAX the first and last in the order of all
types. What comes out does not depend on the order of the rows: floats are summed exactly and
rounded once, and of 1 and 1.0 the integer is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from typing import Final

from sync.core.values import canonical
from sync.query.evaluate import MISSING, sort_key
from sync.query.functions.registry import Function
from sync.query.meaning.parts import Compiled, Row
from sync.query.syntax import Call, Expr
from sync.query.values import Value, hashable, is_number, storable


def aggregate(call: Call, rows: Iterable[Row], of: Callable[[Expr], Compiled]) -> Value:
    """The value of an aggregate over rows; ``of`` compiles its argument."""
    if call.star:
        return sum(1 for _ in rows)
    read = of(call.args[0])
    values = [value for row in rows if _is_there(value := read(row))]
    answer: Value = AGGREGATES[call.name].call(_distinct(values) if call.distinct else values)
    return answer


def _is_there(value: Value) -> bool:
    return value is not None and value is not MISSING


def _distinct(values: list[Value]) -> list[Value]:
    found: dict[Hashable, Value] = {}
    for value in values:
        key = hashable(value)
        if key not in found or isinstance(found[key], float):
            found[key] = value
    return list(found.values())


def _count(values: list[Value]) -> Value:
    return sum(value is not False for value in values)


def _sum(values: list[Value]) -> Value:
    numbers = [value for value in values if is_number(value)]
    return storable(_total(numbers)) if numbers else MISSING


def _total(numbers: list[Value]) -> int | float:
    whole = sum(number for number in numbers if isinstance(number, int))
    parts = [number for number in numbers if isinstance(number, float)]
    if not parts:
        return whole
    try:
        return math.fsum([*parts, whole])
    except OverflowError:
        return math.inf


def _average(values: list[Value]) -> Value:
    numbers = [value for value in values if is_number(value)]
    return storable(_total(numbers) / len(numbers)) if numbers else MISSING


def _least(values: list[Value]) -> Value:
    return min(values, key=_place, default=MISSING)


def _most(values: list[Value]) -> Value:
    if not values:
        return MISSING
    last = max(map(sort_key, values))
    return min((value for value in values if sort_key(value) == last), key=canonical)


def _place(value: Value) -> tuple[object, str]:
    return sort_key(value), canonical(value)


def _median(values: list[Value]) -> Value:
    numbers = sorted((value for value in values if is_number(value)), key=_place)
    if not numbers:
        return MISSING
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return _between(numbers[middle - 1], numbers[middle])


def _middle(values: list[Value]) -> Value:
    numbers = [value for value in values if is_number(value)]
    return _between(min(numbers), max(numbers)) if numbers else MISSING


def _between(low: float, high: float) -> Value:
    if isinstance(low, int) and isinstance(high, int):
        return (low + high) / 2
    return storable(low / 2 + high / 2)


def _named(name: str, meaning: str, call: Callable[[list[Value]], Value]) -> Function:
    return Function(
        name,
        f"{name}([DISTINCT] value)" if name != "count" else "count(*) or count([DISTINCT] value)",
        meaning,
        "count(*)" if name == "count" else f"{name}(price)",
        call,
        1,
        1,
        "Aggregates",
    )


_MEANINGS: Final = (
    ("count", "How many rows; with a value, how many are not null, missing or false.", _count),
    ("sum", "The sum of the numbers.", _sum),
    ("avg", "The average of the numbers, a float.", _average),
    ("min", "The first in the order of all types.", _least),
    ("max", "The last in the order of all types.", _most),
    ("median", "The number in the middle, or the float between the two middle ones.", _median),
    ("mid", "Half way between the smallest and the largest number, a float.", _middle),
)
AGGREGATES: Final[dict[str, Function]] = {
    name: _named(name, meaning, call) for name, meaning, call in _MEANINGS
}
"""Aggregates by their names in lower case; ``call`` takes the values that are there."""
