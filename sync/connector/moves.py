"""How one form of a document became another, field by field, and the ops that say so (C3, C7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sync.connector.paths import Path
from sync.connector.values import MISSING, same
from sync.core.state import ROOT, Key, leaves_of
from sync.core.values import TOMBSTONE
from sync.ids import Json


class Move(NamedTuple):
    """One field that is not what it was; ``MISSING`` where there is none."""

    path: Path
    before: Json
    after: Json


def moves(before: Json, after: Json, path: Path = ()) -> Iterator[Move]:
    """The fields in which two forms differ; of maps on both sides, what is in them."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in after.items():
            held = before.get(name, MISSING)
            if value is not held:
                yield from moves(held, value, (*path, name))
        for name, held in before.items():
            if name not in after:
                yield Move((*path, name), held, MISSING)
    elif not same(before, after):
        yield Move(path, before, after)


def ops_of(move: Move) -> dict[Key, Json]:
    """The ops that bring a field from one value to the other, whatever lies in between; of a map
    that replaces a map also the removal of what is not in the new one (M3)."""
    path, before, after = move
    if after is not MISSING and not isinstance(after, dict):
        return {path: after}
    if after is MISSING:
        return {ROOT: TOMBSTONE} if not path else dict.fromkeys(_keys(before, path), TOMBSTONE)
    ops = dict(leaves_of(after, path))
    if isinstance(before, dict) and isinstance(after, dict):
        ops.update({key: TOMBSTONE for key in _keys(before, path) if not _is_told(key, ops)})
    return ops


def _keys(value: Json, path: Path) -> list[Key]:
    return [key for key, _ in leaves_of(value, path)] if value is not MISSING else [path]


def _is_told(key: Key, ops: dict[Key, Json]) -> bool:
    """Whether a key is written itself, or hidden by what is written above or below it."""
    if any(key[:cut] in ops for cut in range(len(key) + 1)):
        return True
    below = len(key)
    return any(len(other) > below and other[:below] == key for other in ops)
