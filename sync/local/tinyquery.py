"""TinyDB's Query as a prefilter (L3). The one module that knows how TinyDB spells its queries.

A TinyDB query is a function with a hash that is its syntax tree. From that tree we narrow the rows
to look at; the function itself decides. What we cannot read from the tree narrows nothing.
"""

from __future__ import annotations

from typing import Any

from tinydb.queries import QueryInstance

from sync.query import EVERYTHING, And, Equals, In, Node, Or, Range

_RANGES = {"<": "high", "<=": "high", ">": "low", ">=": "low"}
"""Booleans are numbers to Python, and so to TinyDB: ``True > -2``."""


def narrowed(query: QueryInstance) -> Node:
    """A condition that every document the query accepts fulfils."""
    tree: Any = getattr(query, "_hash", None)
    return _node(tree) if isinstance(tree, tuple) else EVERYTHING


def _node(tree: tuple[Any, ...]) -> Node:
    match tree:
        case ("==", tuple() as path, value) if _plain(path) and _scalar(value):
            return Equals(path, value)
        case ("one_of", tuple() as path, tuple() as values) if _plain(path):
            return In(path, values) if all(map(_scalar, values)) else EVERYTHING
        case (("<" | "<=" | ">" | ">=") as operator, tuple() as path, value) if _plain(
            path
        ) and _scalar(value):
            return Or((Range(path, **{_RANGES[operator]: value}), In(path, (True, False))))
        case ("and", frozenset() as parts):
            return And(tuple(_node(part) for part in parts))
        case ("or", frozenset() as parts):
            return Or(tuple(_node(part) for part in parts))
    return EVERYTHING


def _plain(path: tuple[Any, ...]) -> bool:
    return bool(path) and all(isinstance(step, str) for step in path)


def _scalar(value: object) -> bool:
    """Values whose Python equality is no wider than ours: True == 1 would be."""
    return isinstance(value, str) or (type(value) in (int, float) and value not in (0, 1))


def accepts(query: QueryInstance, document: dict[str, Any]) -> bool:
    """Whether the query takes the document; comparing with a missing or odd value is no match."""
    try:
        return bool(query(document))
    except TypeError:
        return False
