"""BSON as JSON, and back without loss for what nobody changed."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from hypothesis import given
from hypothesis import strategies as st

from sync.connector.values import same, to_bson, to_json
from sync.core.values import check_value

OBJECT_ID = ObjectId("507f1f77bcf86cd799439011")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

SHOWN: list[tuple[Any, Any]] = [
    (OBJECT_ID, "507f1f77bcf86cd799439011"),
    (Decimal128("149.990"), 149.99),
    (Decimal128("0.1234567890123456789"), "0.1234567890123456789"),
    (Int64(5), 5),
    (2**40, 2**40),
    (100.0, 100.0),
    (NOON, "2026-11-22T12:00:00Z"),
    (NOON.replace(microsecond=125_000), "2026-11-22T12:00:00.125Z"),
    (Binary(UUID(int=7).bytes, 4), str(UUID(int=7))),
    (None, None),
    (True, True),
    ({"a": {"b": [1, {"c": None}]}}, {"a": {"b": [1, {"c": None}]}}),
    ({"a.b": 1, "$c": 2}, {"a.b": 1, "$c": 2}),
]
TEXTS: list[Any] = [
    Regex("a+"),
    Timestamp(5, 1),
    math.nan,
    math.inf,
    Decimal128("NaN"),
    b"bytes",
    Binary(b"bytes", 5),
    {"": "no name"},
]

_plain = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=4)
_bson = st.recursive(
    _plain
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([value for value, _ in SHOWN] + TEXTS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=3), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(("value", "shown"), SHOWN)
def test_values_are_shown_as_apps_read_them(value: Any, shown: Any) -> None:
    assert same(to_json(value), shown)


@pytest.mark.parametrize("value", TEXTS, ids=repr)
def test_what_json_cannot_say_is_text(value: Any) -> None:
    assert isinstance(to_json(value), str)


@given(_bson)
def test_every_value_can_be_stored_and_goes_back_as_it_was(value: Any) -> None:
    shown = to_json(value)
    check_value(shown)
    assert same(to_json(to_bson(shown, value)), shown)
    again = to_bson(shown, value)
    assert type(again) is type(value)
    if isinstance(value, Decimal128 | ObjectId | datetime | Int64):
        assert again is value


@given(_bson, _bson)
def test_a_changed_value_is_shown_as_it_was_meant(held: Any, new: Any) -> None:
    wanted = to_json(new)
    assert same(to_json(to_bson(wanted, held)), wanted)


@pytest.mark.parametrize(
    ("held", "new", "written"),
    [
        (Decimal128("149.99"), 139.5, Decimal128("139.5")),
        (NOON, "2026-11-23T08:00:00Z", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        (NOON, "2026-11-23", "2026-11-23"),
        (NOON, "2026-11-23T08:00:00.123456Z", "2026-11-23T08:00:00.123456Z"),
        (Int64(5), 6, Int64(6)),
        (Int64(5), 6.5, 6.5),
        (OBJECT_ID, "507f1f77bcf86cd799439012", ObjectId("507f1f77bcf86cd799439012")),
        (OBJECT_ID, "none", "none"),
    ],
)
def test_a_changed_value_keeps_its_type_where_it_fits(held: Any, new: Any, written: Any) -> None:
    found = to_bson(new, held)
    assert type(found) is type(written) and found == written


def test_elements_of_a_changed_array_keep_their_types_wherever_they_move() -> None:
    held = [OBJECT_ID, Decimal128("1.50"), {"at": NOON, "n": Int64(1)}]
    found = to_bson(["2026", 1.5, {"at": "2026-11-22T12:00:00Z", "n": 2}, to_json(OBJECT_ID)], held)
    assert found == ["2026", Decimal128("1.50"), {"at": NOON, "n": Int64(2)}, OBJECT_ID]
    assert isinstance(found[2]["n"], Int64)
