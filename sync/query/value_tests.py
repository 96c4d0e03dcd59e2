"""Tests of a single value: as a ``Node`` where it is a field, and at once where it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sync.query.evaluate import MISSING
from sync.query.nodes import EVERYTHING, NOTHING, And, Equals, In, Node, Not, Or, Path, Range
from sync.query.patterns import Like
from sync.query.values import COMPARISONS, Members, Value, compare, kind

_LEAST: Final[dict[type, Value]] = {str: "", list: [], dict: {}}
"""The first value of a type in the order of values; numbers have none."""


@dataclass(frozen=True, slots=True)
class Test:
    """``node`` is implied for every path whose value passes, which ``holds`` decides exactly."""

    __test__ = False

    node: Callable[[Path], Node]
    holds: Callable[[Value], bool]


def all_of(parts: Iterable[Node]) -> Node:
    """All parts, without those that say nothing."""
    flat = [each for part in parts for each in (part.parts if isinstance(part, And) else (part,))]
    if NOTHING in flat:
        return NOTHING
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Iterable[Node]) -> Node:
    """One of the parts, without those that never hold."""
    flat = [each for part in parts for each in (part.parts if isinstance(part, Or) else (part,))]
    if EVERYTHING in flat:
        return EVERYTHING
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def there() -> Test:
    """Neither null nor MISSING."""
    return Test(Range, lambda value: value is not None and value is not MISSING)


def is_array() -> Test:
    """An array."""
    return Test(lambda path: Range(path, low=[]), lambda value: isinstance(value, list))


def is_text() -> Test:
    """A text."""
    return Test(lambda path: Range(path, low=""), lambda value: isinstance(value, str))


def compared(op: str, limit: Value) -> Test:
    """``value op limit``."""

    def node(path: Path) -> Node:
        if kind(limit) is None:
            return NOTHING
        match op:
            case "=":
                return Equals(path, limit)
            case "!=":
                return all_of([_same_type(path, limit), Not(Equals(path, limit))])
            case "<" | "<=":
                return Range(path, high=limit, high_open=op == "<")
        return Range(path, low=limit, low_open=op == ">")

    return Test(node, lambda value: compare(COMPARISONS[op], value, limit) is True)


def within(low: Value, high: Value) -> Test:
    """``value BETWEEN low AND high``."""
    if kind(low) is None or kind(low) != kind(high):
        return _never()
    above, below = compared(">=", low), compared("<=", high)
    return Test(
        lambda path: Range(path, low, high),
        lambda value: above.holds(value) and below.holds(value),
    )


def _same_type(path: Path, value: Value) -> Node:
    if isinstance(value, bool):
        return Range(path, low=False, high=True)
    return Range(path, low=_LEAST.get(type(value)))


def among(values: Value) -> Test:
    """``value IN values``."""
    if not isinstance(values, list):
        return _never()
    comparable = tuple(value for value in values if kind(value) is not None)
    holds = Members(values).holds
    return Test(
        lambda path: In(path, comparable) if comparable else NOTHING,
        lambda value: holds(value) is True,
    )


def not_among(values: Value) -> Test:
    """``value IN values`` is false: it could be compared with each and equals none."""
    if not isinstance(values, list) or len({kind(value) for value in values}) > 1:
        return _never()
    holds = Members(values).holds

    def node(path: Path) -> Node:
        if not values:
            return Range(path)
        if kind(values[0]) is None:
            return NOTHING
        return all_of([_same_type(path, values[0]), Not(In(path, tuple(values)))])

    return Test(node, lambda value: holds(value) is False)


def like(pattern: Value, escape: Value, answer: bool) -> Test:
    """``value LIKE pattern`` is true, or it is false."""
    if not isinstance(pattern, str) or not isinstance(escape, str) or len(escape) != 1:
        return _never()
    read = Like(pattern, escape)

    def node(path: Path) -> Node:
        exact = read.is_text or read.is_prefix
        inside = Equals(path, read.prefix) if read.is_text else prefixed(path, read.prefix)
        if answer:
            return inside
        return all_of([Range(path, low=""), Not(inside)]) if exact else Range(path, low="")

    return Test(node, lambda value: isinstance(value, str) and read.matches(value) is answer)


def begins(prefix: Value, answer: bool) -> Test:
    """``starts_with(value, prefix)`` is true, or it is false."""
    if not isinstance(prefix, str):
        return _never()

    def node(path: Path) -> Node:
        inside = prefixed(path, prefix)
        return inside if answer else all_of([Range(path, low=""), Not(inside)])

    return Test(node, lambda value: isinstance(value, str) and value.startswith(prefix) is answer)


def _never() -> Test:
    return Test(lambda path: NOTHING, lambda value: False)


def prefixed(path: Path, prefix: str) -> Node:
    """Texts with this beginning: those from it on to before the next that has it not."""
    following = _following(prefix)
    return Range(path, low=prefix, high=following, high_open=following is not None)


def _following(prefix: str) -> str | None:
    """The first text after all with this beginning; None if there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        point = ord(prefix[place]) + 1
        if 0xD800 <= point <= 0xDFFF:
            point = 0xE000
        if point <= 0x10FFFF:
            return prefix[:place] + chr(point)
    return None
