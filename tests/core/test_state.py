"""Merge by example: what wins, what is dropped, and what is reported as beaten (C2–C5)."""

from __future__ import annotations

from sync.core.stamps import BEGINNING, Stamp
from sync.core.state import (
    ROOT,
    Beaten,
    Key,
    Leaf,
    State,
    exists,
    key_order,
    leaves_of,
    merge,
    wins,
)
from sync.core.values import TOMBSTONE
from sync.ids import Json
from tests.helpers.core import REPLICAS

ANA, BEN, CIM = REPLICAS
SALE = (BEN, 1)


def at(hlc: int, value: Json, replica: str = ANA) -> Leaf:
    return Leaf(Stamp(hlc, replica), value)  # type: ignore[arg-type]


def beaten_keys(state: State, key: Key, leaf: Leaf) -> list[tuple[Key, Key]]:
    return [(lost.key, lost.by_key) for lost in merge(state, [(key, leaf)]).beaten]


def test_the_later_write_of_a_field_wins() -> None:
    state: State = {("notes",): at(5, "x")}
    assert merge(state, [(("notes",), at(6, "y", BEN))]) == (
        True,
        [Beaten(("notes",), at(5, "x"), ("notes",), at(6, "y", BEN))],
    )
    assert state == {("notes",): at(6, "y", BEN)}


def test_a_late_arrival_that_is_older_changes_nothing_and_is_beaten() -> None:
    state: State = {("notes",): at(6, "y")}
    result = merge(state, [(("notes",), at(5, "x", BEN))])
    assert not result.changed
    assert result.beaten == [Beaten(("notes",), at(5, "x", BEN), ("notes",), at(6, "y"))]


def test_under_equal_stamps_the_larger_bytes_win_and_a_tombstone_never_does() -> None:
    assert wins(at(0, "b"), at(0, "a")) and not wins(at(0, "a"), at(0, "b"))
    assert wins(at(0, None), at(0, TOMBSTONE)) and not wins(at(0, TOMBSTONE), at(0, None))
    assert wins(at(0, 1.0), at(0, 1)), "1.0 is spelt longer than 1"
    assert not wins(at(0, "a"), at(0, "a"))


def test_what_every_replica_writes_at_the_beginning_is_no_conflict() -> None:
    state: State = {("name",): Leaf(BEGINNING, "Saw")}
    assert merge(state, [(("name",), Leaf(BEGINNING, "Hammer"))]) == (False, [])
    assert merge(state, [(("name",), Leaf(BEGINNING, "Wrench"))]) == (True, [])


def test_saying_the_same_loses_nothing() -> None:
    state: State = {("notes",): at(5, "x")}
    assert beaten_keys(state, ("notes",), at(6, "x", BEN)) == []
    assert state[("notes",)].stamp.hlc == 6


def test_a_newer_scalar_drops_the_map_below_it() -> None:
    state: State = {("location", None): at(3, True), ("location", "aisle"): at(4, "7")}
    assert beaten_keys(state, ("location",), at(5, "gone")) == [
        (("location", None), ("location",)),
        (("location", "aisle"), ("location",)),
    ]
    assert state == {("location",): at(5, "gone")}


def test_a_newer_entry_hides_the_scalar_above_it_and_says_so_once() -> None:
    state: State = {("location",): at(3, "aisle 7")}
    assert beaten_keys(state, ("location", "aisle"), at(4, "7")) == [
        (("location",), ("location", "aisle"))
    ]
    assert beaten_keys(state, ("location", "bin"), at(5, "2", BEN)) == []
    assert state[("location",)] == at(3, "aisle 7"), "it stays, hidden"
    assert beaten_keys(state, ("location",), at(6, "x", CIM)) == [
        (("location", "aisle"), ("location",)),
        (("location", "bin"), ("location",)),
    ], "a leaf that had lost before does not lose again"


def test_a_scalar_that_arrives_under_newer_entries_is_beaten_from_the_start() -> None:
    state: State = {("location", "aisle"): at(4, "7"), ("location", "bin"): at(5, "2")}
    assert beaten_keys(state, ("location",), at(3, "x", BEN)) == [
        (("location",), ("location", "bin"))
    ]


def test_an_entry_that_arrives_late_is_beaten_by_the_topmost_ancestor() -> None:
    state: State = {ROOT: at(5, TOMBSTONE), ("location",): at(7, "x")}
    assert beaten_keys(state, ("location", "bin"), at(4, "2", BEN)) == [(("location", "bin"), ROOT)]
    assert beaten_keys(state, ("location", "bin"), at(6, "2", BEN)) == [
        (("location", "bin"), ("location",))
    ]


def test_a_removal_under_a_removal_has_lost_nothing() -> None:
    state: State = {ROOT: at(5, TOMBSTONE)}
    assert merge(state, [(("notes",), at(4, TOMBSTONE, BEN))]) == (False, [])


def test_a_removal_loses_to_a_later_value_below_it() -> None:
    state: State = {("location",): at(3, TOMBSTONE)}
    assert beaten_keys(state, ("location", "aisle"), at(4, TOMBSTONE, BEN)) == []
    assert beaten_keys(state, ("location", "bin"), at(5, "2", BEN)) == [
        (("location",), ("location", "bin"))
    ]


def test_a_base_absorbs_its_increments_up_to_its_own_stamp() -> None:
    state: State = {
        ("stock", SALE): at(4, -1, BEN),
        ("stock", (BEN, 2)): at(6, -1, BEN),
    }
    assert beaten_keys(state, ("stock",), at(5, 40)) == [(("stock", SALE), ("stock",))]
    assert state == {("stock",): at(5, 40), ("stock", (BEN, 2)): at(6, -1, BEN)}


def test_a_base_absorbs_an_increment_of_its_own_stamp_in_either_order() -> None:
    base, increment = (("stock",), at(5, 40)), (("stock", (ANA, 9)), at(5, 3))
    one: State = {}
    other: State = {}
    assert merge(one, [base, increment]).beaten == merge(other, [increment, base]).beaten == []
    assert one == other == {("stock",): at(5, 40)}


def test_an_increment_never_beats_its_base() -> None:
    state: State = {("stock",): at(5, 40)}
    assert beaten_keys(state, ("stock", SALE), at(6, -1, BEN)) == []


def test_an_increment_received_twice_counts_once() -> None:
    state: State = {("stock",): at(5, 40), ("stock", SALE): at(6, -1, BEN)}
    assert merge(state, [(("stock", SALE), at(6, -1, BEN))]) == (False, [])


def test_a_newer_field_revives_a_deleted_document_and_beats_its_tombstone_once() -> None:
    state: State = {ROOT: at(5, TOMBSTONE)}
    assert beaten_keys(state, ("color",), at(6, "blue", BEN)) == [(ROOT, ("color",))]
    assert beaten_keys(state, ("size",), at(7, "L", BEN)) == []


def test_counting_on_a_deleted_document_is_beaten_by_the_deletion() -> None:
    state: State = {ROOT: at(5, TOMBSTONE)}
    assert beaten_keys(state, ("stock", SALE), at(6, -1, BEN)) == [(("stock", SALE), ROOT)]
    assert not exists(state)


def test_a_deletion_that_arrives_late_beats_the_counting_it_leaves_behind() -> None:
    state: State = {("name",): at(1, "Saw"), ("stock", SALE): at(6, -1, BEN)}
    assert beaten_keys(state, ROOT, at(5, TOMBSTONE)) == [
        (("name",), ROOT),
        (("stock", SALE), ROOT),
    ]
    assert ("stock", SALE) in state, "it counts again should an edit revive the document"


def test_a_removal_newer_than_the_deletion_revives_nothing() -> None:
    state: State = {ROOT: at(5, TOMBSTONE)}
    assert beaten_keys(state, ("color",), at(6, TOMBSTONE, BEN)) == []
    assert not exists(state)


def test_leaves_of_a_value_name_every_map_and_every_register() -> None:
    assert leaves_of({"a": 1, "b": {"c": [{"d": 1}], "e": {}}}) == [
        ((None,), True),
        (("a",), 1),
        (("b", None), True),
        (("b", "c"), [{"d": 1}]),
        (("b", "e", None), True),
    ]


def test_keys_of_one_batch_have_one_order() -> None:
    keys: list[Key] = [(), (None,), ("a",), ("a", None), ("a", SALE), ("a", "b"), ("b",)]
    assert sorted(reversed(keys), key=key_order) == keys
