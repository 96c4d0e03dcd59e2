"""One walk past every low place: in walking order, each once, done when ticked or counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.walk import (
    Walk,
    begin,
    by_aisle,
    is_done,
    needs_a_look,
    stops,
    with_rows,
)

NOW = "2026-11-20T10:00:00Z"


def row(row_id: str, place: str = "3 B 12", stock: int = 2, **fields: Any) -> dict[str, Any]:
    aisle, shelf, bin_ = place.split()
    location = {"aisle": aisle, "shelf": shelf, "bin": bin_}
    return {
        "_id": row_id,
        "location": location,
        "stock_level": stock,
        "reorder_threshold": 10,
        **fields,
    }


@pytest.mark.parametrize(
    ("stock", "threshold", "low"),
    [(10, 10, True), (11, 10, False), (0, None, True), (-2, None, True), (1, None, False)],
)
def test_what_is_low_or_out_needs_a_look(stock: int, threshold: int | None, low: bool) -> None:
    assert needs_a_look(row("r", stock=stock, reorder_threshold=threshold)) is low


def test_aisles_come_in_number_order_and_what_has_no_place_stands_apart() -> None:
    rows = [row("a", "10 A 1"), row("b", "2 B 2"), row("c", "2 B 10"), row("d", "2 A 9")]
    rows.append({"_id": "e", "stock_level": 0})
    walk = with_rows(begin(NOW), rows)
    named = [(name, [each["_id"] for each in held]) for name, held in by_aisle(stops(walk, rows))]
    assert named == [("No location", ["e"]), ("Aisle 2", ["d", "b", "c"]), ("Aisle 10", ["a"])]


def test_a_place_that_was_filled_up_stays_on_the_walk() -> None:
    walk = with_rows(begin(NOW), [row("a")])
    full = [row("a", stock=40)]
    assert with_rows(walk, full) is walk
    assert [each["_id"] for each in stops(walk, full)] == ["a"]
    assert stops(walk, []) == []


def test_it_is_done_by_a_tick_or_by_anybodys_count_since_it_began() -> None:
    walk = begin(NOW)
    assert not is_done(walk, row("a", last_counted="2026-11-20T09:59:59Z"))
    assert is_done(walk, row("a", last_counted="2026-11-20T10:00:01Z"))
    ticked = walk.tick("a", done=True)
    assert is_done(ticked, row("a"))
    assert not is_done(ticked.tick("a", done=False), row("a"))


def test_a_walk_of_yesterday_is_over() -> None:
    assert not begin(NOW).is_over("2026-11-20T21:59:00Z")
    assert begin(NOW).is_over("2026-11-21T09:00:00Z")


@given(st.frozensets(st.text(max_size=4)), st.frozensets(st.text(max_size=4)))
def test_a_kept_walk_is_the_same_walk(seen: frozenset[str], ticked: frozenset[str]) -> None:
    walk = Walk(NOW, seen, ticked)
    assert Walk.from_json(walk.to_json()) == walk
