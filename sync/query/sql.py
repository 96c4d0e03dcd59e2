"""A condition as a SQL prefilter over document rows: it may let too much through, never too little.

``evaluate`` looks at every row the prefilter lets through, so a difference between SQLite's idea of
equality and ours costs time, not truth. What SQL cannot narrow becomes no condition at all.
"""

from __future__ import annotations

from sync.ids import Json
from sync.query.nodes import And, Equals, Has, In, Node, Not, Or, Path, Range

Filter = tuple[str, list[Json]]
TRUE: Filter = ("1", [])


def expression(path: Path) -> str | None:
    """The SQL expression of a path, spelt as in the indexes; None if SQLite cannot name it."""
    if path == ("_id",):
        return "id"
    if any('"' in step or "\\" in step or "'" in step or "\x00" in step for step in path):
        return None
    return "json_extract(body, '$" + "".join(f'."{step}"' for step in path) + "')"


def prefilter(node: Node) -> Filter:
    """(condition, parameters) that every matching row fulfils."""
    match node:
        case Equals(path, value):
            return _compare(path, "=", value)
        case In(path, values):
            return _any([_compare(path, "=", value) for value in values])
        case Range():
            return _all(
                [
                    _compare(node.path, operator, bound)
                    for operator, bound in ((">=", node.low), ("<=", node.high))
                    if bound is not None
                ]
            )
        case Has(path):
            return TRUE
        case And(parts):
            return _all([prefilter(part) for part in parts])
        case Or(parts):
            return _any([prefilter(part) for part in parts])
        case Not():
            return TRUE


def _compare(path: Path, operator: str, value: Json) -> Filter:
    name = expression(path)
    if name is None or not isinstance(value, str | int | float):
        return TRUE
    return f"{name} {operator} ?", [value]


def _all(parts: list[Filter]) -> Filter:
    useful = [part for part in parts if part[0] != "1"]
    if not useful:
        return TRUE
    return " AND ".join(f"({sql})" for sql, _ in useful), [p for _, ps in useful for p in ps]


def _any(parts: list[Filter]) -> Filter:
    if not parts:
        return "0", []
    if any(sql == "1" for sql, _ in parts):
        return TRUE
    return " OR ".join(f"({sql})" for sql, _ in parts), [p for _, ps in parts for p in ps]
