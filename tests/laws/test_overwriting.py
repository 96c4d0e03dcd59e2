"""Newer values written over a row make the row that merging makes (C2, C3, C4)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.core.overwriting import Overwritten, overwritten
from sync.core.packing import pack, stamps_in, unpack
from sync.core.stamps import Stamp
from sync.core.state import Key, Leaf, merge
from sync.core.values import TOMBSTONE
from sync.core.visible import visible
from sync.ids import NIL_REPLICA, Json, ReplicaId
from tests.helpers.core import (
    REPLICAS,
    Entry,
    exact,
    histories,
    merged,
    paths,
    registers,
    spelt,
)

HERE = [ReplicaId("f" * 32), NIL_REPLICA, *REPLICAS]
NEWER = Stamp(9, REPLICAS[1])

_sets = st.dictionaries(paths, registers | st.just(TOMBSTONE), max_size=3)
_counts = st.dictionaries(paths, st.integers(-5, 5), max_size=2)


def _leaves(sets: dict[Key, Json], counts: dict[Key, int]) -> list[Entry]:
    found = [(path, Leaf(NEWER, value)) for path, value in sets.items()]
    increment = (NEWER.replica, 4)
    return found + [((*path, increment), Leaf(NEWER, by)) for path, by in counts.items()]


def _written(history: list[Entry], leaves: list[Entry]) -> Overwritten | None:
    state = merged(history)
    body, meta = pack(state, visible(state), HERE.index)
    if body is None or not leaves:
        return None
    return overwritten(body, meta, leaves, HERE.index, HERE.__getitem__)


@given(histories.filter(bool), _sets, _counts)
def test_it_gives_what_merging_gives_or_leaves_it_to_merging(
    history: list[Entry], sets: dict[Key, Json], counts: dict[Key, int]
) -> None:
    leaves = _leaves(sets, {path: by for path, by in counts.items() if path not in sets})
    quick = _written(history, leaves)
    if quick is None:
        return
    state = merged(history)
    full = merge(state, leaves)
    again, document = unpack(quick.body, quick.meta, HERE.__getitem__)
    assert exact(again) == exact(state)
    assert spelt(document) == spelt(visible(state))
    assert sorted(map(repr, quick.beaten)) == sorted(map(repr, full.beaten))
    found = {Stamp(hlc, HERE[site]) for hlc, site in stamps_in(quick.meta)}
    assert found >= {leaf.stamp for leaf in state.values()}


def test_counting_on_a_plain_number_needs_no_merging() -> None:
    old = Stamp(1, REPLICAS[0])
    born = [(("n",), Leaf(old, 3)), ((None,), Leaf(old, True))]
    found = _written(born, _leaves({}, {("n",): 2}))
    assert found is not None and found.body == '{"n":5}'
    again = overwritten(
        found.body,
        found.meta,
        [(("n", (REPLICAS[2], 1)), Leaf(Stamp(10, REPLICAS[2]), -1))],
        HERE.index,
        HERE.__getitem__,
    )
    assert again is not None and again.body == '{"n":4}'


def test_what_is_not_newer_than_everything_is_left_to_merging() -> None:
    born = [
        (("a",), Leaf(Stamp(9, REPLICAS[0]), "x")),
        ((None,), Leaf(Stamp(1, REPLICAS[0]), True)),
    ]
    assert _written(born, _leaves({("a",): "y"}, {})) is None


def test_an_edit_of_a_record_that_is_flagged_as_deleted_is_left_to_merging() -> None:
    old = Stamp(1, REPLICAS[0])
    born = [
        (("a",), Leaf(old, "x")),
        (("deleted",), Leaf(old, True)),
        ((None,), Leaf(old, True)),
    ]
    assert _written(born, _leaves({("a",): "y"}, {})) is None
