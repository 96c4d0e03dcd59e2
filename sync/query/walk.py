"""Going through a syntax tree without knowing its nodes: what is in it, and the same with parts
replaced. Deep trees are no danger: the parser has a limit on nesting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from sync.query.syntax import Constant, Field

_LEAVES: Final = frozenset({"str", "int", "bool", "Path", "str | None", "Json"})
"""Types of attributes below which there are no nodes, as the classes of the tree spell them."""


_PARTS: Final[dict[type, tuple[str, ...]]] = {}


def parts_of(kind: type) -> tuple[str, ...]:
    """The attributes of a kind of node that may hold nodes: asked for so often that they are
    kept."""
    if kind not in _PARTS:
        parts = fields(kind) if is_dataclass(kind) else ()
        _PARTS[kind] = tuple(each.name for each in parts if each.type not in _LEAVES)
    return _PARTS[kind]


def nodes_in(tree: Any) -> Iterator[Any]:
    """The tree and every node below it, SELECTs within expressions included."""
    if isinstance(tree, tuple):
        for item in tree:
            yield from nodes_in(item)
    elif is_dataclass(tree) and not isinstance(tree, type):
        yield tree
        for name in parts_of(type(tree)):
            yield from nodes_in(getattr(tree, name))


def replaced(tree: Any, instead: Callable[[Any], Any]) -> Any:
    """The tree with every node for which ``instead`` gives another one replaced by that, from the
    top; what was put in is not looked into."""
    if isinstance(tree, tuple):
        items = tuple(replaced(item, instead) for item in tree)
        return items if any(a is not b for a, b in zip(items, tree, strict=True)) else tree
    if not is_dataclass(tree) or isinstance(tree, type):
        return tree
    other = instead(tree)
    if other is not tree or isinstance(tree, Constant):
        return other
    changed = {}
    for name in parts_of(type(tree)):
        before = getattr(tree, name)
        after = replaced(before, instead)
        if after is not before:
            changed[name] = after
    return replace(tree, **changed) if changed else tree


def aliases_in(tree: Any) -> frozenset[str]:
    """The aliases that fields of a bound tree belong to, those of SELECTs within too."""
    return frozenset(node.alias for node in nodes_in(tree) if isinstance(node, Field))
