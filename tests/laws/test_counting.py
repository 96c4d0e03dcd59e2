"""Counting on the text of a row leaves the row that merging leaves, with the same lost (C4)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.conflicts import losses
from sync.core.packing import pack, unpack
from sync.core.rows import check_row
from sync.core.stamps import Stamp
from sync.core.state import Key, Leaf, State, leaves_at, leaves_of, merge
from sync.core.values import INT_MAX, INT_MIN
from sync.core.visible import visible
from sync.ids import Document, Json
from tests.helpers.core import REPLICAS, exact, spelt
from tests.laws.test_overwriting import HERE, apart, overwritten

SHELF: Document = {"stock_level": 40, "notes": "x", "in": {"stock": 7}, "deleted": False}
COUNTERS: tuple[Key, ...] = (("stock_level",), ("in", "stock"))
writers = st.builds(Stamp, st.integers(1, 40), st.sampled_from(REPLICAS))
amounts = st.integers(-9, 9)
numbers = st.integers(1, 3)
steps = st.tuples(
    writers,
    numbers,
    st.dictionaries(st.sampled_from(COUNTERS), amounts, min_size=1, max_size=2),
    st.dictionaries(
        st.sampled_from([("notes",), ("stock_level",), ("in", "stock"), ("in",), ("deleted",)]),
        amounts | st.booleans() | st.text(max_size=2),
        max_size=1,
    ),
)


def _changes(stamp: Stamp, n: int, counts: dict[Key, int], sets: dict[Key, Json]) -> dict[Key, Any]:
    counts = {path: by for path, by in counts.items() if path not in sets and path[:1] not in sets}
    return {**{(*path, (stamp.replica, n)): by for path, by in counts.items()}, **sets}


def _born(document: Document) -> State:
    return dict(leaves_at(Stamp(1, REPLICAS[0]), leaves_of(document)))


def _take(state: State, stamp: Stamp, changes: dict[Key, Json]) -> bool:
    """Merge changes into a state, and hold the quick way to the same; whether it went that way."""
    body, meta = pack(state, visible(state), HERE.index)
    before = pack(state, visible(state), HERE.index)
    quick = None if body is None or not changes else overwritten(body, meta, stamp, changes)
    full = merge(state, leaves_at(stamp, changes.items()))
    if quick is None:
        return False
    after, meta, lost = quick
    assert (after is not None) == full.changed
    if after is None:
        assert (body, meta) == before
    again, document = unpack(after or body, meta, HERE.__getitem__)
    assert exact(again) == exact(state)
    assert spelt(document) == spelt(visible(state))
    assert apart(lost) == apart(losses(full.beaten))
    check_row(after or body, meta, range(len(HERE)))
    return True


@given(st.lists(steps, max_size=12))
def test_a_day_of_a_shop_is_what_merging_makes_of_it(script: list[Any]) -> None:
    state = _born(SHELF)
    for stamp, n, counts, sets in script:
        _take(state, stamp, _changes(stamp, n, counts, sets))


@given(
    st.integers(10, 20),
    st.lists(st.tuples(writers, amounts, st.booleans()), min_size=2, max_size=12),
)
def test_sales_in_any_order_around_a_count_need_no_merging(
    counted: int, sales: list[tuple[Stamp, int, bool]]
) -> None:
    state = _born(SHELF)
    merge(state, leaves_at(Stamp(counted, REPLICAS[0]), [(("stock_level",), 1_000)]))
    opening = {("stock_level", (REPLICAS[2], 99)): -1}
    assert _take(state, Stamp(41, REPLICAS[2]), opening)
    for n, (stamp, amount, notes) in enumerate(sales, 1):
        sets: dict[Key, Json] = {("notes",): f"sale {n}"} if notes else {}
        changes = _changes(stamp, n, {("stock_level",): amount}, sets)
        written = [leaf.stamp.hlc for leaf in (state["stock_level",], state["notes",])]
        assert _take(state, stamp, changes) or stamp.hlc in written


@pytest.mark.parametrize("path", COUNTERS)
@pytest.mark.parametrize("border", [INT_MIN, INT_MAX])
def test_at_the_border_of_64_bits_there_may_be_more_than_shows(path: Key, border: int) -> None:
    state = _born(SHELF)
    step = 1 if border > 0 else -1
    merge(state, [(path, Leaf(Stamp(2, REPLICAS[0]), border - step))])
    for n, amount in enumerate((step, step, step, -step, -step), 1):
        stamp = Stamp(2 + n, REPLICAS[1])
        _take(state, stamp, {(*path, (stamp.replica, n)): amount})


def test_what_is_heard_twice_counts_once() -> None:
    state = _born(SHELF)
    for hlc, n in ((3, 1), (4, 2), (3, 1), (4, 2)):
        _take(state, Stamp(hlc, REPLICAS[1]), {("stock_level", (REPLICAS[1], n)): -1})
    assert (visible(state) or {})["stock_level"] == 38
