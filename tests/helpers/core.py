"""Material for the laws of ``sync.core``: arbitrary ops, a naive oracle, and writers in memory.

The oracle is written from the rules C2, C3 and C4 alone: it keeps every leaf there ever was and
decides by looking at all of them. It shares no code with ``sync.core`` but the names of things.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from sync.core.draft import Draft
from sync.core.stamps import BEGINNING, Stamp
from sync.core.state import Key, Leaf, State, leaves_at, merge
from sync.core.values import TOMBSTONE
from sync.core.visible import visible
from sync.ids import Document, Json, ReplicaId

Entry = tuple[Key, Leaf]
Path = tuple[str, ...]

REPLICAS = [ReplicaId(digit * 32) for digit in "123"]
NAMES = ("a", "b", "c")

scalars = st.sampled_from([None, True, False, 0, 1, 1.0, 0.0, -0.0, -7, 2.5, "", "x", "é"])
arrays = st.recursive(
    st.lists(scalars, max_size=2),
    lambda inner: st.lists(inner | st.dictionaries(st.sampled_from(NAMES), scalars, max_size=1)),
    max_leaves=3,
)
registers = scalars | arrays
names = st.sampled_from(NAMES)
paths = st.lists(names, min_size=1, max_size=3).map(tuple)
documents = st.dictionaries(
    names,
    st.recursive(registers, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=6),
    max_size=3,
)
"""Documents without ``_id``, small enough that writes meet one another."""

stamps = st.just(BEGINNING) | st.builds(Stamp, st.integers(1, 6), st.sampled_from(REPLICAS))
"""Few enough that equal stamps (clones) are common."""


def _existence(path: tuple[str, ...]) -> st.SearchStrategy[Entry]:
    return st.builds(
        lambda stamp, value: ((*path, None), Leaf(stamp, value)),
        stamps,
        st.sampled_from([True, TOMBSTONE]),
    )


def _register(path: Path) -> st.SearchStrategy[Entry]:
    return st.builds(
        lambda stamp, value: (path, Leaf(stamp, value)), stamps, registers | st.just(TOMBSTONE)
    )


def _increment(path: Path) -> st.SearchStrategy[Entry]:
    return st.builds(
        lambda stamp, author, n, by: ((*path, (author, n)), Leaf(stamp, by)),
        stamps,
        st.sampled_from(REPLICAS),
        st.integers(1, 3),
        st.integers(-9, 9),
    )


deletes = stamps.map(lambda stamp: ((), Leaf(stamp, TOMBSTONE)))
entries: st.SearchStrategy[Entry] = st.one_of(
    paths.flatmap(_register),
    paths.flatmap(_increment),
    st.lists(names, max_size=2).map(tuple).flatmap(_existence),
    deletes,
)
"""Any leaf that can reach a replica: nested, of changing type, deleted, counted, cloned."""
histories = st.lists(entries, max_size=14)


def merged(*groups: Iterable[Entry]) -> State:
    """The state after merging groups of leaves, one ``merge`` a group."""
    state: State = {}
    for group in groups:
        merge(state, group)
    return state


def exact(state: State) -> dict[Key, tuple[Stamp, str]]:
    """A state in a form that tells 1, 1.0 and true apart, for comparing."""
    return {key: (leaf.stamp, spelt(leaf.value)) for key, leaf in state.items()}


def spelt(value: Json) -> str:
    """One spelling for each value; a tombstone has its own."""
    if value is TOMBSTONE:
        return "†"
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


# The oracle.


def all_leaves(history: Iterable[Entry]) -> State:
    """Per key the leaf with the largest stamp, then the largest bytes (C2). Nothing is dropped."""
    leaves: State = {}
    for key, leaf in history:
        if key not in leaves or _order(leaf) > _order(leaves[key]):
            leaves[key] = leaf
    return leaves


def _order(leaf: Leaf) -> tuple[Stamp, bytes]:
    if leaf.value is TOMBSTONE:
        return leaf.stamp, b""
    text = json.dumps(leaf.value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return leaf.stamp, text.encode()


def counts(key: Key) -> bool:
    """Whether a key is an increment."""
    return bool(key) and isinstance(key[-1], tuple)


def covered(leaves: State, key: Key) -> bool:
    """Hidden from above: a strictly newer leaf at an ancestor, or the base absorbs it (C3, C4)."""
    stamp = leaves[key].stamp
    above = [key[:cut] for cut in range(len(key)) if key[:cut] in leaves]
    return any(leaves[a].stamp > stamp for a in above) or (
        counts(key) and key[:-1] in leaves and leaves[key[:-1]].stamp >= stamp
    )


def overgrown(leaves: State, key: Key) -> bool:
    """Hidden from below: a strictly newer entry, but for the increments of a base (C3, C4)."""
    return any(
        entry.stamp > leaves[key].stamp
        for below, entry in leaves.items()
        if len(below) > len(key)
        and below[: len(key)] == key
        and not (counts(below) and below[:-1] == key)
    )


def naive_pruned(history: Iterable[Entry]) -> State:
    """What is left when everything dominated by an ancestor is dropped."""
    leaves = all_leaves(history)
    return {key: leaf for key, leaf in leaves.items() if not covered(leaves, key)}


def naive_visible(history: Iterable[Entry]) -> Document | None:
    """The visible document, decided path by path over every leaf there ever was (C3, C4)."""
    leaves = all_leaves(history)
    standing = {key: leaf for key, leaf in leaves.items() if not covered(leaves, key)}
    if not any(leaf.value is not TOMBSTONE for key, leaf in standing.items() if not counts(key)):
        return None
    shown = _naive_map(leaves, standing, ())
    return {} if shown is _ABSENT else shown


_ABSENT: Any = object()


def _naive_map(leaves: State, standing: State, path: Key) -> Any:
    depth = len(path)
    below = {key[depth] for key in standing if len(key) > depth and key[:depth] == path}
    inner = {name: _naive_at(leaves, standing, (*path, name)) for name in below if _is_name(name)}
    members = {name: value for name, value in inner.items() if value is not _ABSENT}
    existence = standing.get((*path, None))
    made = existence is not None and existence.value is not TOMBSTONE
    return members if members or made else _ABSENT


def _is_name(step: object) -> bool:
    return isinstance(step, str)


def _naive_at(leaves: State, standing: State, path: Key) -> Any:
    inner = _naive_map(leaves, standing, path)
    if inner is not _ABSENT:
        return inner
    leaf = standing.get(path)
    shows = leaf is not None and leaf.value is not TOMBSTONE and not overgrown(leaves, path)
    base = leaf.value if leaf is not None and shows else _ABSENT
    added = [entry.value for key, entry in standing.items() if counts(key) and key[:-1] == path]
    if not added or (base is not _ABSENT and type(base) not in (int, float)):
        return base
    return (0 if base is _ABSENT else base) + sum(added)


# Writers.


class Writer:
    """A replica in memory: drafts in, leaves out. Its clock is a counter set by the test."""

    def __init__(self, replica: ReplicaId) -> None:
        self.replica = replica
        self.state: State = {}
        self.n = 0
        self.hlc = 0

    @property
    def document(self) -> Document | None:
        """What a reader of this replica sees."""
        return visible(self.state)

    def write(self, hlc: int, *writes: Callable[[Draft], None]) -> list[Entry]:
        """One transaction at reading ``hlc``, or just after what this replica has seen."""
        draft = Draft(visible(self.state), visible(self.state))
        for write in writes:
            write(draft)
        self.n += 1
        self.hlc = max(hlc, self.hlc + 1)
        stamp = Stamp(self.hlc, self.replica)
        leaves = leaves_at(stamp, draft.ops((self.replica, self.n)).items())
        merge(self.state, leaves)
        return leaves

    def receive(self, leaves: Sequence[Entry]) -> None:
        """Merge what another replica wrote, and let its stamps move this clock."""
        merge(self.state, leaves)
        self.hlc = max([self.hlc, *(leaf.stamp.hlc for _, leaf in leaves)])
