"""ANY, EVERY, ARRAY and OBJECT: expressions with a variable that runs over a value.

``IN`` runs over the items of an array. ``WITHIN`` runs over everything inside an array or object at
any depth: an item, then what is inside it. Over anything else the expression is MISSING. Only true
satisfies a condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from sync.query.caps import ARRAY_ITEMS_MAX, is_small
from sync.query.evaluate import MISSING
from sync.query.meaning.parts import Compiled, Row, variable_key
from sync.query.values import Value


class Loop:
    """A variable over a source: one row an item, made of the row around it."""

    __slots__ = ("_key", "_source", "_within")

    def __init__(self, variable: str, source: Compiled, within: bool) -> None:
        self._key = variable_key(variable)
        self._source = source
        self._within = within

    def rows(self, row: Row) -> Iterator[Row] | None:
        """The rows, to be used one at a time; None if the source cannot be run over."""
        source = self._source(row)
        if not isinstance(source, list | dict if self._within else list):
            return None
        return self._each(dict(row), _inside(source) if self._within else iter(source))

    def _each(self, inner: dict[str, Value], values: Iterator[Value]) -> Iterator[Row]:
        for inner[self._key] in values:
            yield inner


def _inside(value: Value) -> Iterator[Value]:
    for item in value.values() if isinstance(value, dict) else value:
        yield item
        if isinstance(item, list | dict):
            yield from _inside(item)


def quantified(kind: str, loop: Loop, condition: Compiled) -> Compiled:
    """``ANY`` needs one item, ``EVERY`` all there are, ``ANY AND EVERY`` all and at least one."""

    def run(row: Row) -> Value:
        rows = loop.rows(row)
        if rows is None:
            return MISSING
        if kind == "any":
            return any(condition(each) is True for each in rows)
        some = kind == "every"
        for each in rows:
            if condition(each) is not True:
                return False
            some = True
        return some

    return run


def array_for(item: Compiled, loop: Loop, when: Compiled | None) -> Compiled:
    """``ARRAY item FOR …``; items that are MISSING are left out."""

    def run(row: Row) -> Value:
        rows = loop.rows(row)
        if rows is None:
            return MISSING
        found: list[Value] = []
        for each in rows:
            if when is not None and when(each) is not True:
                continue
            value = item(each)
            if value is not MISSING:
                found.append(value)
            if len(found) > ARRAY_ITEMS_MAX:
                return MISSING
        return found if is_small(found) else MISSING

    return run


def object_for(key: Compiled, value: Compiled, loop: Loop, when: Compiled | None) -> Compiled:
    """``OBJECT key : value FOR …``; entries whose key is no text or whose value is MISSING are
    left out, and of two with the same key the later counts."""

    def run(row: Row) -> Value:
        rows = loop.rows(row)
        if rows is None:
            return MISSING
        found: dict[str, Value] = {}
        for each in rows:
            if when is not None and when(each) is not True:
                continue
            name, held = key(each), value(each)
            if isinstance(name, str) and held is not MISSING:
                found[name] = held
            if len(found) > ARRAY_ITEMS_MAX:
                return MISSING
        return found if is_small(found) else MISSING

    return run
