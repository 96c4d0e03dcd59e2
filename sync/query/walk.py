"""Going through a syntax tree without knowing its nodes: what is in it, and the same with parts
replaced. Deep trees are no danger: the parser has a limit on nesting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sync.query.syntax import Constant, Field


def nodes_in(tree: Any) -> Iterator[Any]:
    """The tree and every node below it, SELECTs within expressions included."""
    if isinstance(tree, tuple):
        for item in tree:
            yield from nodes_in(item)
    elif is_dataclass(tree) and not isinstance(tree, type):
        yield tree
        if not isinstance(tree, Constant):
            for each in fields(tree):
                yield from nodes_in(getattr(tree, each.name))


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
    for each in fields(tree):
        before = getattr(tree, each.name)
        after = replaced(before, instead)
        if after is not before:
            changed[each.name] = after
    return replace(tree, **changed) if changed else tree


def aliases_in(tree: Any) -> frozenset[str]:
    """The aliases that fields of a bound tree belong to, those of SELECTs within too."""
    return frozenset(node.alias for node in nodes_in(tree) if isinstance(node, Field))
