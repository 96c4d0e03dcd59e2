"""What a reader sees: a pure function of the state (C3, C4).

The rules, in the order the code applies them at every path, deepest first:

1. a tombstone shows nothing;
2. a scalar or array is hidden by a strictly newer entry below it, but never by an increment;
3. a map shows if its ∅ does or any child does; at equal stamps a map beats a scalar;
4. a counter shows base + increments; without a base it counts from 0;
5. a document exists if anything but increments shows: counting never revives a deleted document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sync.core.stamps import Stamp
from sync.core.state import Leaf, State
from sync.core.values import INT_MAX, INT_MIN, TOMBSTONE, is_number
from sync.ids import Document, Json

_NOTHING: Final = object()


@dataclass(slots=True)
class _Node:
    leaf: Leaf | None = None
    exists: Leaf | None = None
    added: int = 0
    counted: bool = False
    children: dict[str, _Node] = field(default_factory=dict)


@dataclass(slots=True)
class _Shown:
    value: Json
    firm: bool  # shown by something other than increments alone
    newest: Stamp | None  # newest entry at or below, increments apart


def visible(state: State) -> Document | None:
    """The document a pruned state shows, without ``_id``; None when it does not exist."""
    shown = _show(_tree(state))
    return shown.value if shown.firm and isinstance(shown.value, dict) else None


def _tree(state: State) -> _Node:
    root = _Node()
    for key, leaf in state.items():
        node = root
        for step in key:
            if step is None:
                node.exists = leaf
                break
            if isinstance(step, tuple):
                node.counted = True
                node.added += leaf.value
                break
            node = node.children.setdefault(step, _Node())
        else:
            node.leaf = leaf
    return root


def _show(node: _Node) -> _Shown:
    entries = [leaf.stamp for leaf in (node.leaf, node.exists) if leaf is not None]
    if not node.children and node.exists is None:
        value, firm = _scalar(node, hidden=False)
        return _Shown(value, firm, max(entries, default=None))
    members: Document = {}
    below = [] if node.exists is None else [node.exists.stamp]
    map_firm = node.exists is not None and node.exists.value is not TOMBSTONE
    for name, child in node.children.items():
        shown = _show(child)
        if shown.newest is not None:
            below.append(shown.newest)
        if shown.value is not _NOTHING:
            members[name] = shown.value
            map_firm = map_firm or shown.firm
    newest_below = max(below, default=None)
    value, firm = _scalar(node, hidden=_is_older(node.leaf, newest_below))
    newest = max([*entries, *below], default=None)
    if map_firm or (members and value is _NOTHING):
        return _Shown(members, map_firm, newest)
    return _Shown(value, firm, newest)


def _scalar(node: _Node, *, hidden: bool) -> tuple[Json, bool]:
    """The register or counter at a node, and whether it shows by more than increments."""
    leaf = node.leaf
    shows = leaf is not None and leaf.value is not TOMBSTONE and not hidden
    if leaf is not None and shows and not (node.counted and is_number(leaf.value)):
        return leaf.value, True
    if not node.counted:
        return _NOTHING, False
    base = leaf.value if leaf is not None and shows else 0
    return _bounded(base + node.added), shows


def _bounded(total: int | float) -> int | float:
    """64-bit integers (C4): a sum beyond them stays at the border instead of wrapping."""
    return max(INT_MIN, min(INT_MAX, total)) if isinstance(total, int) else total


def _is_older(leaf: Leaf | None, newest: Stamp | None) -> bool:
    return leaf is not None and newest is not None and leaf.stamp < newest
