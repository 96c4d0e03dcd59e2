"""What a reader sees, by example (C3, C4)."""

from __future__ import annotations

from typing import Any

import pytest

from sync.core.stamps import Stamp
from sync.core.state import ROOT, Key, Leaf, State
from sync.core.values import INT_MAX, INT_MIN, TOMBSTONE
from sync.core.visible import visible
from sync.ids import Document, Json
from tests.helpers.core import REPLICAS, merged, spelt

ANA = REPLICAS[0]
EXISTS: Key = (None,)


def shown(*entries: tuple[int, Key, Json]) -> Document | None:
    """What a reader sees of leaves given as (reading, key, value)."""
    state: State = merged([(key, Leaf(Stamp(hlc, ANA), value)) for hlc, key, value in entries])
    return visible(state)


def sale(n: int, path: str = "stock") -> Key:
    return (path, (ANA, n))


def test_nothing_written_is_no_document() -> None:
    assert visible({}) is None


def test_a_document_may_have_no_fields() -> None:
    assert shown((1, EXISTS, True)) == {}


def test_a_map_may_be_empty() -> None:
    assert shown((1, EXISTS, True), (1, ("tags", None), True)) == {"tags": {}}


def test_a_field_without_existence_of_its_document_shows_it() -> None:
    assert shown((1, ("name",), "Saw")) == {"name": "Saw"}


def test_a_deleted_document_is_gone() -> None:
    assert shown((1, EXISTS, True), (1, ("name",), "Saw"), (2, ROOT, TOMBSTONE)) is None


def test_an_edit_after_the_deletion_brings_back_that_field_alone() -> None:
    assert shown((1, ("name",), "Saw"), (2, ROOT, TOMBSTONE), (3, ("color",), "red")) == {
        "color": "red"
    }


def test_a_key_added_while_the_map_was_removed_survives() -> None:
    assert shown(
        (1, EXISTS, True),
        (1, ("o", None), True),
        (1, ("o", "a"), 1),
        (2, ("o", None), TOMBSTONE),
        (2, ("o", "a"), TOMBSTONE),
        (2, ("o", "c"), 5),
    ) == {"o": {"c": 5}}


def test_a_map_whose_every_key_was_removed_with_it_is_gone() -> None:
    assert (
        shown(
            (1, EXISTS, True),
            (1, ("o", "a"), 1),
            (2, ("o", None), TOMBSTONE),
            (2, ("o", "a"), TOMBSTONE),
        )
        == {}
    )


def test_a_scalar_hides_an_older_map_for_good() -> None:
    assert shown((1, ("o", "a"), 1), (2, ("o",), "x"), (3, ("o", "b"), 2)) == {"o": {"b": 2}}


def test_a_removed_entry_still_hides_the_older_scalar_above_it() -> None:
    assert shown((1, EXISTS, True), (2, ("o",), "x"), (3, ("o", "a"), TOMBSTONE)) == {}


def test_an_empty_map_written_later_hides_the_scalar() -> None:
    assert shown((2, ("o",), "x"), (3, ("o", None), True)) == {"o": {}}


def test_under_equal_stamps_a_map_beats_a_scalar() -> None:
    assert shown((1, ("o",), "x"), (1, ("o", "a"), 1)) == {"o": {"a": 1}}
    assert shown((1, ("o",), "x"), (1, ("o", "a"), TOMBSTONE)) == {"o": "x"}


def test_a_counter_is_its_base_and_every_later_increment() -> None:
    assert shown((5, ("stock",), 40), (6, sale(1), -1), (7, sale(2), -2), (4, sale(3), -9)) == {
        "stock": 37
    }


def test_a_counter_without_a_base_counts_from_nothing() -> None:
    assert shown((1, EXISTS, True), (2, sale(1), -1), (3, sale(2), 4)) == {"stock": 3}


def test_a_counter_whose_base_was_removed_counts_what_came_later() -> None:
    assert shown(
        (1, EXISTS, True), (1, ("stock",), 40), (2, ("stock",), TOMBSTONE), (3, sale(1), 4)
    ) == {"stock": 4}


def test_counting_alone_makes_no_document() -> None:
    assert shown((1, sale(1), 5)) is None
    assert shown((1, ("name",), "Saw"), (2, ROOT, TOMBSTONE), (3, sale(1), 5)) is None


def test_what_was_counted_shows_again_when_an_edit_revives_the_document() -> None:
    assert shown((2, ROOT, TOMBSTONE), (3, sale(1), 5), (4, ("name",), "Saw")) == {
        "name": "Saw",
        "stock": 5,
    }


def test_counting_inside_a_map_hides_the_older_scalar_in_its_place() -> None:
    assert shown((5, ("o",), "x"), (6, ("o", "n", (ANA, 1)), 2)) == {"o": {"n": 2}}


def test_counting_never_makes_a_document_vanish() -> None:
    assert shown((4, ROOT, TOMBSTONE), (5, ("o",), "x"), (6, ("o", "n", (ANA, 1)), 2)) is not None


@pytest.mark.parametrize("base", ["many", True, None, [1]])
def test_a_base_that_is_no_number_shows_as_it_is(base: Json) -> None:
    assert spelt(shown((1, ("stock",), base), (2, sale(1), 5))) == spelt({"stock": base})


@pytest.mark.parametrize(
    ("base", "by", "total"),
    [
        (INT_MAX, 5, INT_MAX),
        (INT_MIN, -5, INT_MIN),
        (INT_MAX, -5, INT_MAX - 5),
        (2.5, 2, 4.5),
        (-0.0, 0, 0.0),
        (5, 0, 5),
    ],
)
def test_sums_stay_within_64_bits(base: Any, by: int, total: Any) -> None:
    assert spelt(shown((1, ("stock",), base), (2, sale(1), by))) == spelt({"stock": total})


def test_a_sum_beyond_64_bits_comes_back_within_them() -> None:
    assert shown((1, ("stock",), INT_MAX), (2, sale(1), 5), (3, sale(2), -5)) == {"stock": INT_MAX}
