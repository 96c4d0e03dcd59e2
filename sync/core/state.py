"""The state of one document and its merge: the per-path maximum of stamps (C2, C3, C4).

A state maps a key to a leaf (stamp, value). A key is a field path, a tuple of field names, with
two special last steps that no field name can be:

    ("notes",)                     a register: scalar, null or array
    ("location", None)             existence of the map ``location`` (the ∅ of C3); ``(None,)``
                                   is the existence of the document itself
    ("stock_level", (replica, 7))  the increment that batch 7 of a replica made (C4)
    ()                             only ever a tombstone: the document was deleted

States are kept *pruned*: no leaf lies under a strictly newer leaf, and no increment is as old as
its base. Pruning loses nothing: what hides a leaf is only ever replaced by something newer that
hides it too, so pruned merge is still commutative, associative and idempotent (``tests/laws``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from sync.core.stamps import Stamp
from sync.core.values import rank
from sync.ids import Json, ReplicaId

IncrementId: TypeAlias = tuple[ReplicaId, int]
Step: TypeAlias = str | IncrementId | None
Key: TypeAlias = tuple[Step, ...]

ROOT: Key = ()
EXISTS: Key = (None,)


class Leaf(NamedTuple):
    """One entry of a state. ``value`` is JSON or ``TOMBSTONE``; ``True`` for existence."""

    stamp: Stamp
    value: Json


State: TypeAlias = dict[Key, Leaf]


class Beaten(NamedTuple):
    """A leaf that lost: the raw material of the conflict history (C5)."""

    key: Key
    loser: Leaf
    by_key: Key
    winner: Leaf


class Merge(NamedTuple):
    """What a merge did: whether the state moved, and every leaf that lost on the way."""

    changed: bool
    beaten: list[Beaten]


def is_increment(key: Key) -> bool:
    """Whether a key names one counter increment."""
    return bool(key) and isinstance(key[-1], tuple)


def wins(ours: Leaf, theirs: Leaf) -> bool:
    """Whether ``ours`` beats ``theirs`` on the same key: later stamp, then larger bytes (C2)."""
    if ours.stamp != theirs.stamp:
        return ours.stamp > theirs.stamp
    return rank(ours.value) > rank(theirs.value)


def merge(state: State, incoming: Iterable[tuple[Key, Leaf]]) -> Merge:
    """Merge leaves into a pruned ``state`` in place; the result is pruned.

    Order and repetition of ``incoming`` do not matter. ``beaten`` holds every leaf, ours or
    theirs, that stood or arrived here and is hidden now by a leaf of another stamp.
    """
    beaten: list[Beaten] = []
    changed = False
    interior = {key[:cut] for key in state for cut in range(len(key))}
    for key, leaf in incoming:
        held = state.get(key)
        if held is not None and not wins(leaf, held):
            if leaf.stamp != held.stamp:
                beaten.append(Beaten(key, leaf, key, held))
            continue
        shadow = _hidden_by(state, key, leaf)
        if shadow is not None:
            beaten.append(Beaten(key, leaf, shadow, state[shadow]))
            continue
        if held is not None and held.stamp != leaf.stamp:
            beaten.append(Beaten(key, held, key, leaf))
        _note_hidden_scalars(state, key, leaf, beaten)
        if key in interior:
            _drop_below(state, key, leaf, beaten)
            _note_hiding_entry(state, key, leaf, beaten)
        state[key] = leaf
        interior.update(key[:cut] for cut in range(len(key)))
        changed = True
    return Merge(changed, beaten)


def _hidden_by(state: State, key: Key, leaf: Leaf) -> Key | None:
    """The ancestor that hides ``leaf``, if any (C3); a base also absorbs its equals (C4)."""
    last = len(key) - 1
    for cut in range(len(key)):
        above = state.get(key[:cut])
        if above is None:
            continue
        if above.stamp > leaf.stamp:
            return key[:cut]
        if cut == last and above.stamp == leaf.stamp and is_increment(key):
            return key[:cut]
    return None


def _note_hidden_scalars(state: State, key: Key, leaf: Leaf, beaten: list[Beaten]) -> None:
    """An entry hides older scalars above it; they stay in the state, hidden (C3)."""
    if is_increment(key):
        return
    for cut in range(len(key)):
        above = state.get(key[:cut])
        if above is not None and above.stamp < leaf.stamp:
            beaten.append(Beaten(key[:cut], above, key, leaf))


def _drop_below(state: State, key: Key, leaf: Leaf, beaten: list[Beaten]) -> None:
    """Drop everything strictly older below a new leaf, and the increments it absorbs."""
    depth = len(key)
    for below in [k for k in state if len(k) > depth and k[:depth] == key]:
        held = state[below]
        absorbed = len(below) == depth + 1 and is_increment(below)
        if held.stamp < leaf.stamp or (absorbed and held.stamp == leaf.stamp):
            beaten.append(Beaten(below, held, key, leaf))
            del state[below]


def _note_hiding_entry(state: State, key: Key, leaf: Leaf, beaten: list[Beaten]) -> None:
    """A leaf that arrives above newer entries is hidden by them from the start (C3)."""
    depth = len(key)
    hiding = [
        below
        for below, held in state.items()
        if len(below) > depth
        and below[:depth] == key
        and held.stamp > leaf.stamp
        and not is_increment(below)
    ]
    if hiding:
        by = max(hiding, key=lambda k: (state[k].stamp, repr(k)))
        beaten.append(Beaten(key, leaf, by, state[by]))


def leaves_of(value: Json, path: Key = ROOT) -> Iterator[tuple[Key, Json]]:
    """The leaves a value is made of: registers, and ∅ for every map, the outermost included."""
    if isinstance(value, dict):
        yield (*path, None), True
        for name, item in value.items():
            yield from leaves_of(item, (*path, name))
    else:
        yield path, value
