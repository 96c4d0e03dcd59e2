"""One transaction on one document, in normal form (C7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sync.core.draft import Draft
from sync.core.state import EXISTS, ROOT, Key
from sync.core.values import INT_MAX, TOMBSTONE, VALUE_DEPTH_MAX
from sync.errors import DocumentExists, DocumentMissing, InvalidPath, InvalidValue
from sync.ids import Document, Json
from tests.helpers.core import REPLICAS

SEVENTH = (REPLICAS[0], 7)
SHELF = {"stock": 40, "note": "x", "location": {"aisle": "3", "bin": "B"}}


def copied(value: Any) -> Any:
    return {k: copied(v) for k, v in value.items()} if isinstance(value, dict) else value


def ops(before: Document | None, *writes: Callable[[Draft], None]) -> dict[Key, Json]:
    """The ops of a transaction on a document that shows ``before``."""
    draft = Draft(copied(before), copied(before))
    for write in writes:
        write(draft)
    return draft.ops(SEVENTH)


def test_an_untouched_document_has_no_ops() -> None:
    assert ops(SHELF) == {}
    assert ops(None) == {}


def test_an_insert_writes_existence_and_every_leaf() -> None:
    assert ops(None, lambda d: d.insert({"a": 1, "m": {}})) == {
        EXISTS: True,
        ("a",): 1,
        ("m", None): True,
    }


def test_a_document_with_nothing_but_an_id_exists() -> None:
    assert ops(None, lambda d: d.insert({})) == {EXISTS: True}


def test_setting_a_field_is_one_op_even_if_the_value_is_equal() -> None:
    assert ops(SHELF, lambda d: d.update({"note": "x"})) == {("note",): "x"}


def test_setting_an_object_sets_its_leaves_and_merges() -> None:
    assert ops(SHELF, lambda d: d.update({"location": {"bin": "C"}})) == {("location", "bin"): "C"}


def test_an_empty_object_over_a_map_changes_nothing() -> None:
    assert ops(SHELF, lambda d: d.update({"location": {}})) == {}


def test_the_last_value_of_a_path_is_the_one_that_is_written() -> None:
    assert ops(SHELF, lambda d: d.update({"note": "y"}), lambda d: d.update({"note": "z"})) == {
        ("note",): "z"
    }


def test_unset_removes_every_leaf_it_saw_and_the_map_itself() -> None:
    assert ops(SHELF, lambda d: d.unset(("location",))) == {
        ("location", None): TOMBSTONE,
        ("location", "aisle"): TOMBSTONE,
        ("location", "bin"): TOMBSTONE,
    }


def test_unset_of_what_is_not_there_is_no_op() -> None:
    assert (
        ops(
            SHELF,
            lambda d: d.unset(("nothing",)),
            lambda d: d.unset(("note", "deeper")),
            lambda d: d.unset(("location", "shelf")),
        )
        == {}
    )


def test_written_and_removed_in_one_transaction_leaves_no_trace() -> None:
    assert ops(SHELF, lambda d: d.update({"new": 1}), lambda d: d.unset(("new",))) == {}


def test_removed_and_written_again_in_one_transaction_replaces() -> None:
    assert ops(
        SHELF,
        lambda d: d.unset(("location",)),
        lambda d: d.update({"location": {"aisle": "9"}}),
    ) == {("location", None): True, ("location", "aisle"): "9", ("location", "bin"): TOMBSTONE}


def test_a_scalar_over_a_map_hides_it_without_tombstones() -> None:
    assert ops(SHELF, lambda d: d.update({"location": "aisle 3"})) == {("location",): "aisle 3"}


def test_a_map_over_a_scalar_hides_it_without_a_tombstone() -> None:
    assert ops(SHELF, lambda d: d.update({"note": {}})) == {("note", None): True}


def test_a_map_over_a_scalar_over_a_map_removes_the_old_keys() -> None:
    assert ops(
        SHELF,
        lambda d: d.update({"location": 1}),
        lambda d: d.update({"location": {"zone": "z"}}),
    ) == {
        ("location", None): True,
        ("location", "zone"): "z",
        ("location", "aisle"): TOMBSTONE,
        ("location", "bin"): TOMBSTONE,
    }


def test_increments_of_one_path_fold() -> None:
    assert ops(
        SHELF, lambda d: d.increment(("stock",), -3), lambda d: d.increment(("stock",), -2)
    ) == {("stock", SEVENTH): -5}


def test_an_absent_field_counts_from_nothing_and_makes_its_map() -> None:
    assert ops(SHELF, lambda d: d.increment(("seen", "times"), 1)) == {
        ("seen", None): True,
        ("seen", "times", SEVENTH): 1,
    }


def test_counting_on_what_was_just_written_changes_that_value() -> None:
    assert ops(
        SHELF, lambda d: d.restart(("stock",), 10), lambda d: d.increment(("stock",), -3)
    ) == {("stock",): 7}


def test_a_count_forgets_the_increments_before_it() -> None:
    assert ops(
        SHELF, lambda d: d.increment(("stock",), -3), lambda d: d.restart(("stock",), 10)
    ) == {("stock",): 10}


def test_removing_a_counter_forgets_its_increments() -> None:
    assert ops(SHELF, lambda d: d.increment(("stock",), -3), lambda d: d.unset(("stock",))) == {
        ("stock",): TOMBSTONE
    }


def test_counting_on_a_counter_removed_in_the_same_transaction_starts_anew() -> None:
    assert ops(SHELF, lambda d: d.unset(("stock",)), lambda d: d.increment(("stock",), 3)) == {
        ("stock",): 3
    }


def test_replacing_a_map_forgets_what_was_counted_inside() -> None:
    assert ops(
        {"m": {"n": 1}}, lambda d: d.increment(("m", "n"), 2), lambda d: d.update({"m": 5})
    ) == {("m",): 5}


def test_a_delete_is_one_tombstone_whatever_came_before_it() -> None:
    assert ops(SHELF, lambda d: d.update({"note": "y"}), lambda d: d.delete()) == {ROOT: TOMBSTONE}


def test_born_and_deleted_in_one_transaction_leaves_no_trace() -> None:
    assert ops(None, lambda d: d.insert({"a": 1}), lambda d: d.delete()) == {}


def test_deleted_and_inserted_again_in_one_transaction_replaces() -> None:
    assert ops(SHELF, lambda d: d.delete(), lambda d: d.insert({"note": "new"})) == {
        EXISTS: True,
        ("note",): "new",
        ("stock",): TOMBSTONE,
        ("location", None): TOMBSTONE,
        ("location", "aisle"): TOMBSTONE,
        ("location", "bin"): TOMBSTONE,
    }


def test_only_a_new_document_without_counting_is_a_birth() -> None:
    new, counted, old = Draft(None, None), Draft(None, None), Draft({}, {})
    new.insert({"a": 1})
    counted.insert({})
    counted.increment(("a",), 1)
    old.delete()
    old.insert({"a": 1})
    assert new.is_birth()
    assert not counted.is_birth() and not old.is_birth()


def test_ops_stand_in_one_order() -> None:
    written = ops(None, lambda d: d.insert({"b": {"y": 1, "x": 2}, "a": 3}))
    assert list(written) == [EXISTS, ("a",), ("b", None), ("b", "x"), ("b", "y")]


def test_an_insert_needs_an_absent_document_and_all_else_a_present_one() -> None:
    with pytest.raises(DocumentExists):
        ops(SHELF, lambda d: d.insert({}))
    for write in (
        lambda d: d.update({}),
        lambda d: d.unset(("a",)),
        lambda d: d.increment(("a",), 1),
        lambda d: d.restart(("a",), 1),
        lambda d: d.delete(),
    ):
        with pytest.raises(DocumentMissing):
            ops(None, write)


@pytest.mark.parametrize(
    "path",
    [(), ("_id",), ("_id", "x"), ["note"], "note", ("",), (1,), ("a",) * (VALUE_DEPTH_MAX + 1)],
)
def test_an_impossible_path_is_refused(path: Any) -> None:
    for write in (
        lambda d: d.unset(path),
        lambda d: d.increment(path, 1),
        lambda d: d.restart(path, 1),
    ):
        with pytest.raises(InvalidPath):
            ops(SHELF, write)


def test_the_id_is_no_field_to_write() -> None:
    with pytest.raises(InvalidPath):
        ops(None, lambda d: d.insert({"_id": "x"}))
    with pytest.raises(InvalidPath):
        ops(SHELF, lambda d: d.update({"_id": "x"}))


@pytest.mark.parametrize("by", [1.0, True, "1", None, INT_MAX + 1])
def test_counting_takes_whole_numbers(by: Any) -> None:
    with pytest.raises(InvalidValue):
        ops(SHELF, lambda d: d.increment(("stock",), by))
    with pytest.raises(InvalidValue):
        ops(SHELF, lambda d: d.restart(("stock",), by))


@pytest.mark.parametrize("value", ["many", True, None, [1], {}])
def test_only_numbers_can_be_counted_on(value: Json) -> None:
    with pytest.raises(InvalidValue):
        ops({"stock": value}, lambda d: d.increment(("stock",), 1))


@pytest.mark.parametrize("start", [INT_MAX, 0])
def test_counting_past_64_bits_is_refused(start: int) -> None:
    draft = Draft({"stock": start}, {"stock": start})
    with pytest.raises(InvalidValue):
        for _ in range(3):
            draft.increment(("stock",), INT_MAX // 2)
    assert draft.working is not None and draft.working["stock"] <= INT_MAX


def test_increments_that_add_up_past_64_bits_are_refused() -> None:
    draft = Draft({"stock": -INT_MAX}, {"stock": -INT_MAX})
    draft.increment(("stock",), INT_MAX)
    with pytest.raises(InvalidValue):
        draft.increment(("stock",), INT_MAX)


def test_a_refused_write_leaves_the_draft_as_it_was() -> None:
    draft = Draft({"note": "x"}, {"note": "x"})
    for write in (
        lambda: draft.update({"good": 1, "bad": float("nan")}),
        lambda: draft.increment(("note",), 1),
        lambda: draft.restart(("a", "b"), True),
    ):
        with pytest.raises(InvalidValue):
            write()
    assert draft.working == {"note": "x"}
    assert draft.ops(SEVENTH) == {}
