"""Values written over a row make the row that merging makes, and find the same lost (C2–C5)."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from sync.core.conflicts import Lost, losses
from sync.core.overwriting import Overwritten, overwritten
from sync.core.packing import pack, stamps_in, unpack
from sync.core.stamps import Stamp
from sync.core.state import Key, Leaf, leaves_at, merge
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
AMID = Stamp(3, REPLICAS[1])
"""Of a time at which the histories write too."""

_sets = st.dictionaries(paths, registers | st.just(TOMBSTONE), max_size=3)
_counts = st.dictionaries(paths, st.integers(-5, 5), max_size=2)


def _changes(sets: dict[Key, Json], counts: dict[Key, int], stamp: Stamp) -> dict[Key, Json]:
    counted = {path: by for path, by in counts.items() if path not in sets}
    return {**sets, **{(*path, (stamp.replica, 4)): by for path, by in counted.items()}}


def _written(history: list[Entry], changes: dict[Key, Json], stamp: Stamp) -> Overwritten | None:
    state = merged(history)
    body, meta = pack(state, visible(state), HERE.index)
    if body is None or not changes:
        return None
    return overwritten(body, meta, stamp, changes, HERE.index, HERE.__getitem__)


def _apart(lost: Iterable[Lost]) -> list[str]:
    return sorted(
        repr((each.rule, each.loser, each.winner, *leaf))
        for each in lost
        for leaf in zip(each.keys, each.losing, each.winning, strict=True)
    )


@given(histories.filter(bool), _sets, _counts, st.sampled_from([NEWER, AMID]))
def test_it_gives_what_merging_gives_or_leaves_it_to_merging(
    history: list[Entry], sets: dict[Key, Json], counts: dict[Key, int], stamp: Stamp
) -> None:
    changes = _changes(sets, counts, stamp)
    quick = _written(history, changes, stamp)
    if quick is None:
        return
    state = merged(history)
    shown = pack(state, visible(state), HERE.index)[0]
    full = merge(state, leaves_at(stamp, changes.items()))
    assert (quick.body is not None) == full.changed
    again, document = unpack(quick.body or shown, quick.meta, HERE.__getitem__)
    assert exact(again) == exact(state)
    assert spelt(document) == spelt(visible(state))
    assert _apart(quick.lost) == _apart(losses(full.beaten))
    found = {Stamp(hlc, HERE[site]) for hlc, site in stamps_in(quick.meta)}
    assert found >= {leaf.stamp for leaf in state.values()}


def test_counting_on_a_plain_number_needs_no_merging() -> None:
    old = Stamp(1, REPLICAS[0])
    born = [(("n",), Leaf(old, 3)), ((None,), Leaf(old, True))]
    found = _written(born, _changes({}, {("n",): 2}, NEWER), NEWER)
    assert found is not None and found.body == '{"n":5}'
    again = overwritten(
        found.body,
        found.meta,
        Stamp(10, REPLICAS[2]),
        {("n", (REPLICAS[2], 1)): -1},
        HERE.index,
        HERE.__getitem__,
    )
    assert again is not None and again.body == '{"n":4}'


def test_of_each_field_the_later_write_stays_whoever_wins_the_others() -> None:
    born = [
        (("a",), Leaf(Stamp(12, REPLICAS[0]), "x")),
        (("b",), Leaf(Stamp(1, REPLICAS[0]), "x")),
        ((None,), Leaf(Stamp(1, REPLICAS[0]), True)),
    ]
    found = _written(born, {("a",): "y", ("b",): "y"}, NEWER)
    assert found is not None and found.body == '{"a":"x","b":"y"}'
    assert sorted(each.losing for each in found.lost) == [["x"], ["y"]]


def test_what_has_the_very_same_time_is_left_to_merging() -> None:
    born = [
        (("a",), Leaf(Stamp(9, REPLICAS[0]), "x")),
        ((None,), Leaf(Stamp(1, REPLICAS[0]), True)),
    ]
    assert _written(born, {("a",): "y"}, NEWER) is None


def test_an_edit_of_a_record_that_is_flagged_as_deleted_is_left_to_merging() -> None:
    old = Stamp(1, REPLICAS[0])
    born = [
        (("a",), Leaf(old, "x")),
        (("deleted",), Leaf(old, True)),
        ((None,), Leaf(old, True)),
    ]
    assert _written(born, {("a",): "y"}, NEWER) is None
