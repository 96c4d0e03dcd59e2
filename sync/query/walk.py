"""Going through a syntax tree without knowing its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

from sync.query.syntax import Field, Select

_LEAVES: Final = frozenset({"str", "int", "bool", "Path", "str | None", "Json"})
"""Types of attributes below which there are no nodes, as the classes of the tree spell them."""

_PARTS: Final[dict[type, tuple[str, ...] | None]] = {}


def parts_of(kind: type) -> tuple[str, ...]:
    """The attributes of a kind of node that may hold nodes: asked for so often that they are
    kept."""
    return _known(kind) or ()


def nodes_in(tree: Any, *, into_selects: bool = True) -> Iterator[Any]:
    """The tree and every node below it, in no particular order."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind is tuple:
            waiting.extend(node)
            continue
        parts = _PARTS[kind] if kind in _PARTS else _known(kind)
        if parts is None:
            continue
        yield node
        if into_selects or kind is not Select:
            waiting += [getattr(node, name) for name in parts]


def aliases_in(tree: Any) -> frozenset[str]:
    """The aliases that fields of a bound tree belong to, those of SELECTs within too."""
    return frozenset([node.alias for node in nodes_in(tree) if type(node) is Field])


def _known(kind: type) -> tuple[str, ...] | None:
    """The same; None for what is no node."""
    if kind not in _PARTS:
        names = (
            [each.name for each in fields(kind) if each.type not in _LEAVES]
            if is_dataclass(kind)
            else None
        )
        _PARTS[kind] = None if names is None else tuple(names)
    return _PARTS[kind]
