"""Merge is a join: order, grouping and repetition of what arrives never matter (C2)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.core.state import merge
from sync.core.visible import visible
from tests.helpers.core import (
    Entry,
    all_leaves,
    exact,
    histories,
    merged,
    naive_pruned,
    spelt,
)


@given(histories, st.randoms(use_true_random=False))
def test_order_does_not_matter(history: list[Entry], chance: object) -> None:
    shuffled = list(history)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = merged(history), merged(shuffled)
    assert exact(one) == exact(other)
    assert spelt(visible(one)) == spelt(visible(other))


@given(histories, histories)
def test_merge_is_commutative(one: list[Entry], other: list[Entry]) -> None:
    assert exact(merged(one, other)) == exact(merged(other, one))
    a, b = merged(one), merged(other)
    assert exact(merged(a.items(), b.items())) == exact(merged(b.items(), a.items()))


@given(histories, histories, histories)
def test_merge_is_associative(a: list[Entry], b: list[Entry], c: list[Entry]) -> None:
    left = merged(merged(a, b).items(), merged(c).items())
    right = merged(merged(a).items(), merged(b, c).items())
    assert exact(left) == exact(right) == exact(merged(a, b, c))


@given(histories)
def test_merge_is_idempotent(history: list[Entry]) -> None:
    state = merged(history)
    before = exact(state)
    assert merge(state, list(state.items())) == (False, [])
    assert not merge(state, history).changed
    assert exact(state) == before


@given(histories, histories)
def test_changed_tells_the_truth(one: list[Entry], other: list[Entry]) -> None:
    state = merged(one)
    before = exact(state)
    assert merge(state, other).changed == (exact(state) != before)


@given(histories)
def test_one_at_a_time_or_all_at_once_is_the_same(history: list[Entry]) -> None:
    assert exact(merged(*([entry] for entry in history))) == exact(merged(history))


@given(histories)
def test_pruning_loses_nothing_the_naive_merge_shows(history: list[Entry]) -> None:
    assert exact(merged(history)) == exact(naive_pruned(history))
    assert exact(merged(all_leaves(history).items())) == exact(naive_pruned(history))


@given(histories, histories)
def test_what_is_beaten_arrived_or_stood_and_stands_no_longer(
    one: list[Entry], other: list[Entry]
) -> None:
    state = merged(one)
    before = dict(state)
    for key, loser, by_key, winner in merge(state, other).beaten:
        assert before.get(key) == loser or (key, loser) in other
        assert loser.stamp != winner.stamp
        assert by_key == key or by_key[: len(key)] == key or key[: len(by_key)] == by_key
