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

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from sync.core.stamps import Stamp
from sync.core.values import TOMBSTONE, is_same, rank
from sync.ids import NIL_REPLICA, Json, ReplicaId

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

_leaf: Callable[[tuple[Stamp, Json]], Leaf] = functools.partial(tuple.__new__, Leaf)
"""``Leaf`` without the Python call that makes a named tuple, for the hottest loop of all."""


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


_NOBODYS: IncrementId = (NIL_REPLICA, 0)


def anybodys(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """The keys with nobody's increments in the place of somebody's: the same for all who count on
    the same counters, which the ids of increments are not."""
    return tuple([(*k[:-1], _NOBODYS) if k and type(k[-1]) is tuple else k for k in keys])


def is_increment(key: Key) -> bool:
    """Whether a key names one counter increment."""
    return bool(key) and isinstance(key[-1], tuple)


def key_order(key: Key) -> list[tuple[int, str]]:
    """A total order over the keys of one batch, so that equal changes are equal bytes."""
    return [(2, s) if isinstance(s, str) else (0 if s is None else 1, "") for s in key]


def leaves_of(value: Json, path: Key = ROOT) -> list[tuple[Key, Json]]:
    """The leaves a value is made of: registers, and ∅ for every map, the outermost included."""
    if not isinstance(value, dict):
        return [(path, value)]
    leaves: list[tuple[Key, Json]] = [((*path, None), True)]
    for name, item in value.items():
        if isinstance(item, dict):
            leaves += leaves_of(item, (*path, name))
        else:
            leaves.append(((*path, name), item))
    return leaves


def leaves_at(stamp: Stamp, ops: Iterable[tuple[Key, Json]]) -> list[tuple[Key, Leaf]]:
    """Keys and values as leaves of one stamp."""
    return [(key, _leaf((stamp, value))) for key, value in ops]


def wins(ours: Leaf, theirs: Leaf) -> bool:
    """Whether ``ours`` beats ``theirs`` on the same key: later stamp, then larger bytes (C2)."""
    if ours.stamp != theirs.stamp:
        return ours.stamp > theirs.stamp
    return rank(ours.value) > rank(theirs.value)


def exists(state: State) -> bool:
    """Whether a pruned state shows a document: a value does, an increment alone never (C4)."""
    return any(
        leaf.value is not TOMBSTONE and not (key and isinstance(key[-1], tuple))
        for key, leaf in state.items()
    )


def merge(state: State, incoming: Iterable[tuple[Key, Leaf]]) -> Merge:
    """Merge leaves into a pruned ``state`` in place; the result is pruned.

    Order and repetition of ``incoming`` do not matter to the state. ``beaten`` holds every leaf
    that stood or arrived here and that a leaf of another stamp hides now: the leaf at its own key
    if that wins, else its topmost ancestor that does, else the newest entry below.
    """
    beaten: list[Beaten] = []
    arrived: list[Key] = []
    interior = interior_of(state)
    for key, leaf in incoming:
        held = state.get(key)
        above = key if held is not None and not wins(leaf, held) else _hider_above(state, key, leaf)
        if above is not None:
            _note(beaten, key, leaf, above, state[above])
            continue
        if held is not None and stands(state, key, interior):
            _note(beaten, key, held, key, leaf)
        _note_hidden_above(state, key, leaf, interior, beaten)
        if key in interior:
            _drop_below(state, key, leaf, interior, beaten)
        state[key] = leaf
        if key in interior and (hiders := list(_hiders_below(state, key))):
            newest = max(hiders, key=lambda k: (state[k].stamp, key_order(k)))
            _note(beaten, key, leaf, newest, state[newest])
        _add_ancestors(interior, key)
        arrived.append(key)
    if arrived and ROOT in state:
        _note_counts_on_nothing(state, arrived, beaten)
    return Merge(bool(arrived), beaten)


def _note(beaten: list[Beaten], key: Key, loser: Leaf, by: Key, winner: Leaf) -> None:
    """List a loser, unless nothing was lost: its winner says the same, or removes it as well."""
    if loser.stamp == winner.stamp:
        return
    if by == key:
        futile = is_same(loser.value, winner.value)
    else:
        futile = loser.value is TOMBSTONE and len(by) < len(key)
    if not futile:
        beaten.append(Beaten(key, loser, by, winner))


def interior_of(state: State) -> set[Key]:
    """Every key with something below it."""
    interior = {key[:-1] for key in state if key}
    for parent in list(interior):
        _add_ancestors(interior, parent)
    return interior


def _add_ancestors(interior: set[Key], key: Key) -> None:
    while key and (key := key[:-1]) not in interior:
        interior.add(key)


def _hider_above(state: State, key: Key, leaf: Leaf) -> Key | None:
    """The topmost ancestor that hides ``leaf``."""
    for cut in range(len(key)):
        above = state.get(key[:cut])
        if above is not None and _hides_below(key[:cut], above, key, leaf):
            return key[:cut]
    return None


def _hides_below(key: Key, leaf: Leaf, below: Key, entry: Leaf) -> bool:
    """Whether a leaf hides an entry below it: a newer one (C3), or the base it counts on (C4)."""
    if leaf.stamp == entry.stamp:
        return is_increment(below) and len(below) == len(key) + 1
    return leaf.stamp > entry.stamp


def _hiders_below(state: State, key: Key) -> Iterator[Key]:
    """The entries below ``key`` that hide the leaf there."""
    leaf, depth = state[key], len(key)
    for below, entry in state.items():
        if len(below) > depth and below[:depth] == key and _hides_above(below, entry, key, leaf):
            yield below


def _hides_above(below: Key, entry: Leaf, key: Key, leaf: Leaf) -> bool:
    """Whether an entry below ``key`` hides the leaf there (C3), as no increment does to its own
    base, nor to the tombstone of the document (C4). A tombstone is undone by values alone."""
    if entry.stamp <= leaf.stamp:
        return False
    if is_increment(below) and (not key or len(below) == len(key) + 1):
        return False
    return leaf.value is not TOMBSTONE or entry.value is not TOMBSTONE


def stands(state: State, key: Key, interior: set[Key]) -> bool:
    """Whether no entry below ``key`` hides the leaf there."""
    return key not in interior or not any(True for _ in _hiders_below(state, key))


def _note_hidden_above(
    state: State, key: Key, leaf: Leaf, interior: set[Key], beaten: list[Beaten]
) -> None:
    """An entry hides older leaves above it. They stay in the state, hidden (C3)."""
    for cut in range(len(key)):
        above = key[:cut]
        held = state.get(above)
        if held is None or not _hides_above(key, leaf, above, held):
            continue
        if stands(state, above, interior):
            _note(beaten, above, held, key, leaf)


def _drop_below(
    state: State, key: Key, leaf: Leaf, interior: set[Key], beaten: list[Beaten]
) -> None:
    """Drop everything strictly older below a new leaf, and the increments it absorbs."""
    depth = len(key)
    dropped = [
        below
        for below, held in state.items()
        if len(below) > depth and below[:depth] == key and _hides_below(key, leaf, below, held)
    ]
    for below in dropped:
        if stands(state, below, interior):
            _note(beaten, below, state[below], key, leaf)
    for below in dropped:
        del state[below]


def _note_counts_on_nothing(state: State, arrived: list[Key], beaten: list[Beaten]) -> None:
    """Increments newer than the tombstone of their document count for nobody (C4)."""
    if not exists(state):
        for key in state if ROOT in arrived else arrived:
            if is_increment(key) and key in state:
                _note(beaten, key, state[key], ROOT, state[ROOT])
