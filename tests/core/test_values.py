"""Which values a replica stores, and how it spells them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given

from sync.core.values import (
    ID_BYTES_MAX,
    INT_MAX,
    INT_MIN,
    KEY_BYTES_MAX,
    TOMBSTONE,
    VALUE_DEPTH_MAX,
    canonical,
    check_id,
    check_int,
    check_key,
    check_value,
    describe,
    is_number,
    is_same,
    rank,
)
from sync.errors import InvalidPath, InvalidValue
from sync.ids import Json
from tests.helpers.core import documents, registers

HUGE = pytest.param(10**5_000, id="more digits than Python prints")


def nested(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [None, True, 0, INT_MIN, INT_MAX, -0.0, 1e308, "", "é😀\x00\n", [], {}, {"a": [{"b": None}]}],
)
def test_json_is_welcome(value: Json) -> None:
    check_value(value)


@pytest.mark.parametrize(
    "value",
    [
        *(INT_MAX + 1, INT_MIN - 1, HUGE, math.nan, math.inf, -math.inf, "\ud800", b"x"),
        *((1, 2), {1}, object(), [math.nan], {"a": {"b": "\ud800"}}, {"a": 10**99}),
    ],
)
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(InvalidValue):
        check_value(value)


@pytest.mark.parametrize("key", ["", 1, None, "x" * (KEY_BYTES_MAX + 1), ["a"], nested(5_000)])
def test_a_field_name_is_short_text(key: Any) -> None:
    with pytest.raises(InvalidPath):
        check_key(key)
    if isinstance(key, str):
        with pytest.raises(InvalidPath):
            check_value({key: 1})


@pytest.mark.parametrize("doc_id", ["", 1, None, "x" * (ID_BYTES_MAX + 1), "\ud800", {}])
def test_an_id_is_short_text(doc_id: Any) -> None:
    with pytest.raises(InvalidValue):
        check_id(doc_id)


def test_bytes_count_where_a_limit_is_in_bytes() -> None:
    check_id("é" * (ID_BYTES_MAX // 2))
    with pytest.raises(InvalidValue):
        check_id("é" * (ID_BYTES_MAX // 2 + 1))


def test_values_nest_only_so_deep() -> None:
    check_value(nested(VALUE_DEPTH_MAX))
    with pytest.raises(InvalidValue):
        check_value(nested(VALUE_DEPTH_MAX + 1))


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InvalidValue):
        check_value(value)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, INT_MAX + 1, HUGE])
def test_counters_count_64_bit_integers(value: Any) -> None:
    with pytest.raises(InvalidValue):
        check_int(value)


@given(registers | documents)
def test_equal_values_have_one_spelling(value: Json) -> None:
    if isinstance(value, dict):
        assert canonical(dict(reversed(value.items()))) == canonical(value)
    assert rank(value) == canonical(value).encode()


def test_one_and_one_point_zero_and_true_are_three_values() -> None:
    assert len({rank(1), rank(1.0), rank(True)}) == 3
    assert not is_same(1, 1.0) and not is_same(1, True) and not is_same([1], [True])
    assert is_same([1, "a"], [1, "a"]) and is_same(None, None) and is_same(TOMBSTONE, TOMBSTONE)
    assert not is_same(None, TOMBSTONE) and not is_same([], None)


def test_a_tombstone_ranks_below_every_value() -> None:
    assert all(rank(TOMBSTONE) < rank(value) for value in (None, "", 0, [], False))


def test_text_is_spelt_as_it_is() -> None:
    assert canonical({"b": "é", "a": -0.0}) == '{"a":-0.0,"b":"é"}'


def test_truth_is_no_number() -> None:
    assert is_number(1) and is_number(-0.5)
    assert not is_number(True) and not is_number("1") and not is_number(None)


@pytest.mark.parametrize("value", ["x" * 99, HUGE, -(10**30), nested(5_000), math.nan, None])
def test_any_value_can_be_described(value: Any) -> None:
    assert len(describe(value)) < 60
