"""What a reader sees: a pure function of the state (C3, C4).

A pruned state holds nothing that an ancestor hides. What is left to decide at every path:

1. a tombstone shows nothing;
2. a scalar or array is hidden by any strictly newer entry below it, but a counter's base never by
   its own increments;
3. a map shows if its ∅ does or any child does; at equal stamps a map beats a scalar;
4. a counter shows base + increments; without a base it counts from 0;
5. a document exists if the state holds any value but increments: counting revives nothing.
"""

from __future__ import annotations

from typing import Any

from sync.core.state import Key, State, exists
from sync.core.values import INT_MAX, INT_MIN, TOMBSTONE, is_number
from sync.ids import Document, Json


def visible(state: State) -> Document | None:
    """The document a pruned state shows, without ``_id``; None when it does not exist.

    Its values are the state's own objects, not copies.
    """
    if not exists(state):
        return None
    hidden, counts = _hidden_and_counts(state)
    document: dict[Any, Json] = {}
    for key, leaf in state.items():
        if leaf.value is TOMBSTONE or key in hidden or isinstance(key[-1], tuple):
            continue
        holder = document if len(key) == 1 else _map_at(document, key[:-1])
        name = key[-1]
        if name is not None and not isinstance(holder.get(name), dict):
            holder[name] = leaf.value
    for path, amount in counts.items():
        holder = _map_at(document, path[:-1])
        base = holder.get(path[-1], 0)
        if is_number(base):
            holder[path[-1]] = _bounded(base + amount)
    return document


def overlaid(former: Document, present: Document) -> Document:
    """A document as it was, with what it shows now on top; maps merge like writes do."""
    result = dict(former)
    for name, value in present.items():
        below = result.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            value = overlaid(below, value)
        result[name] = value
    return result


def _hidden_and_counts(state: State) -> tuple[set[Key], dict[Key, int]]:
    """The leaves that newer entries below them hide, and the sum of increments by path."""
    hidden: set[Key] = set()
    counts: dict[Key, int] = {}
    for key, leaf in state.items():
        if len(key) < 2:
            continue
        counted = isinstance(key[-1], tuple)
        if counted:
            counts[key[:-1]] = counts.get(key[:-1], 0) + leaf.value
        for cut in range(1, len(key) - counted):
            above = state.get(key[:cut])
            if above is not None and above.stamp < leaf.stamp:
                hidden.add(key[:cut])
    return hidden, counts


def _map_at(document: dict[Any, Json], path: Key) -> dict[Any, Json]:
    """The map at ``path``, made where there is none, over a scalar if need be."""
    for step in path:
        inner = document.get(step)
        if not isinstance(inner, dict):
            inner = document[step] = {}
        document = inner
    return document


def _bounded(total: int | float) -> int | float:
    """64-bit integers (C4): a sum beyond them stays at the border instead of wrapping."""
    return max(INT_MIN, min(INT_MAX, total)) if isinstance(total, int) else total
