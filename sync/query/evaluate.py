"""The meaning of a condition, over one plain document. SQL may be faster but never decides."""

from __future__ import annotations

from typing import Any, Final

from sync.ids import Document, Json
from sync.query.nodes import And, Equals, Has, In, Node, Not, Or, Path, Range

MISSING: Final = object()


def lookup(document: Document, path: Path) -> Any:
    """The value at ``path``, or ``MISSING``."""
    value: Any = document
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return MISSING
        value = value[step]
    return value


def evaluate(node: Node, document: Document) -> bool:
    """Whether ``document`` (with its ``_id``) meets the condition. Never raises."""
    match node:
        case Equals(path, value):
            return _same(lookup(document, path), value)
        case In(path, values):
            found = lookup(document, path)
            return any(_same(found, value) for value in values)
        case Range():
            return _within(node, lookup(document, node.path))
        case Has(path):
            return lookup(document, path) is not MISSING
        case And(parts):
            return all(evaluate(part, document) for part in parts)
        case Or(parts):
            return any(evaluate(part, document) for part in parts)
        case Not(part):
            return not evaluate(part, document)


def sort_key(value: Any) -> tuple[int, Any]:
    """Cross-type order, ascending: false, true, numbers, strings, arrays, maps, null, missing."""
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int | float):
        return (1, value)
    if isinstance(value, str):
        return (2, value)
    if isinstance(value, list):
        return (3, [sort_key(item) for item in value])
    if isinstance(value, dict):
        return (4, [(name, sort_key(item)) for name, item in sorted(value.items())])
    return (5, 0) if value is None else (6, 0)


def _same(found: Any, wanted: Json) -> bool:
    return found is not MISSING and sort_key(found) == sort_key(wanted)


def _within(node: Range, found: Any) -> bool:
    if found is MISSING or found is None:
        return False
    here = sort_key(found)
    for bound, is_open, sign in ((node.low, node.low_open, 1), (node.high, node.high_open, -1)):
        if bound is None:
            continue
        limit = sort_key(bound)
        if here[0] != limit[0] or (here == limit and is_open):
            return False
        if (here < limit) if sign == 1 else (here > limit):
            return False
    return True
