"""A condition as a SQL prefilter over document rows: it may let too much through, never too little.

``evaluate`` looks at every row the prefilter lets through, so a difference between SQLite's idea of
equality and ours costs time, not truth. What SQL cannot narrow becomes no condition at all.
"""

from __future__ import annotations

import json
import re

from sync.ids import Json
from sync.query.nodes import And, Equals, Has, In, Node, Not, Or, Path, Range

Filter = tuple[str, list[Json]]
TRUE: Filter = ("1", [])

NESTING_LEVELS_MAX = 10
TERMS_MAX = 50
"""SQLite parses expressions about 100 parentheses and 1,000 operators deep; far more than these."""

_UNSPEAKABLE_KEY = re.compile("[\x00-\x1f\"'\\\\\ud800-\udfff]")
"""What JSON escapes within a key, which SQLite compares unread, and what SQL cannot carry."""
_UNSPEAKABLE_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What SQLite cuts a text at, and what it cannot take."""
_EXACT_MAX = 1 << 53
"""Integers up to here equal a float only if the float is spelt without a fraction."""
_MARGIN = 1e-12
"""SQLite may read the last digits of a decimal differently on hardware with plain doubles."""


def expression(path: Path) -> str | None:
    """The SQL expression of a path, spelt as in the indexes; None if SQLite cannot name it."""
    if path == ("_id",):
        return "id"
    if any(_UNSPEAKABLE_KEY.search(step) for step in path):
        return None
    return "json_extract(body, '$" + "".join(f'."{step}"' for step in path) + "')"


def prefilter(node: Node) -> Filter:
    """(condition, parameters) that every matching row fulfils; ``TRUE`` if nothing is known."""
    return _filter(node, NESTING_LEVELS_MAX)


def _filter(node: Node, levels: int) -> Filter:
    match node:
        case Equals(path, value):
            return _within(path, value, value)
        case In(path, values):
            return _in(path, values)
        case Range():
            return _within(node.path, node.low, node.high)
        case And(parts) if levels:
            return _all([_filter(part, levels - 1) for part in parts])
        case Or(parts) if levels:
            return _any([_filter(part, levels - 1) for part in parts])
        case And() | Or() | Has() | Not():
            return TRUE


def _within(path: Path, low: Json, high: Json) -> Filter:
    name = expression(path)
    if name is None:
        return TRUE
    if low is high and _is_exact(low):
        return f"{name} = ?", [low]
    lower, upper = _bound(low, -1), _bound(high, +1)
    terms: list[Filter] = []
    if lower is not None:
        terms.append((f"{name} >= ?", [lower]))
    if upper is not None:
        terms.append((f"{name} <= ?", [upper]))
    return _all(terms)


def _in(path: Path, values: tuple[Json, ...]) -> Filter:
    name = expression(path)
    if name is None or not all(_is_exact(value) for value in values):
        return _any([_within(path, value, value) for value in values])
    listed = json.dumps(values, ensure_ascii=False)
    return f"{name} IN (SELECT value FROM json_each(?))", [listed]


def _is_exact(value: Json) -> bool:
    """Whether SQLite finds every value that equals this one when told ``=``."""
    if isinstance(value, str):
        return not _UNSPEAKABLE_TEXT.search(value)
    return isinstance(value, int) and abs(value) <= _EXACT_MAX


def _bound(value: Json, side: int) -> Json:
    """A bound on which every match lies or which it surpasses; None if there is none to be had."""
    if _is_exact(value):
        return value
    if not isinstance(value, int | float) or not -1e300 < value < 1e300:
        return None
    return value + side * abs(value) * _MARGIN


def _all(parts: list[Filter]) -> Filter:
    useful = [part for part in parts if part != TRUE][:TERMS_MAX]
    if not useful:
        return TRUE
    return " AND ".join(f"({sql})" for sql, _ in useful), [p for _, ps in useful for p in ps]


def _any(parts: list[Filter]) -> Filter:
    if not parts:
        return "0", []
    if len(parts) > TERMS_MAX or TRUE in parts:
        return TRUE
    return " OR ".join(f"({sql})" for sql, _ in parts), [p for _, ps in parts for p in ps]
