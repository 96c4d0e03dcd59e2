"""Functions of null and missing, types, arrays and objects: ``call → value``."""

from __future__ import annotations

from typing import Any

import pytest

from sync.core.values import VALUE_DEPTH_MAX
from sync.query.caps import ARRAY_ITEMS_MAX
from sync.query.evaluate import MISSING
from tests.query.expressions import NOW_MS, value_of

DOCUMENT: dict[str, Any] = {
    "n": None,
    "o": {"b": 2, "a": 1},
    "xs": [3, None, "x", 1.0, True, [1], 1],
}
UNKNOWNS = {
    "coalesce(m, n, 3, 4)": 3,
    "coalesce(m, n)": None,
    "coalesce(false, 1)": False,
    "ifmissingornull(m, 2)": 2,
    "nvl(m, 2)": 2,
    "nvl(n, 2)": 2,
    "nvl(0, 2)": 0,
    "ifmissing(m, n, 2)": None,
    "ifmissing(m)": MISSING,
    "ifnull(n, 2)": 2,
    "ifnull(m, 2)": MISSING,
    "ifnull(n)": None,
    "ismissing(m)": True,
    "ismissing(n)": False,
    "isnull(n)": True,
    "isnull(1)": False,
    "isnull(m)": MISSING,
    "ismissingornull(m)": True,
    "ismissingornull(n)": True,
    "ismissingornull(1)": False,
    "nullif(1, 1.0)": None,
    "nullif(1, '1')": 1,
    "nullif(n, n)": None,
    "nullif(m, 1)": MISSING,
    "missingif(1, 1)": MISSING,
    "missingif(1, 2)": 1,
    "decode(2, 1, 'a', 2, 'b')": "b",
    "decode(3, 1, 'a', 2, 'b')": None,
    "decode(3, 1, 'a', 'z')": "z",
    "decode(n, null, 'nothing', 'z')": "nothing",
    "decode(m, MISSING, 'gone', 'z')": "gone",
    "decode(2.0, 2, 'two')": "two",
}
TYPES = {
    "type(1)": "integer",
    "type(1.5)": "float",
    "type('x')": "string",
    "type(true)": "boolean",
    "type([])": "array",
    "type(o)": "object",
    "type(n)": "null",
    "type(m)": "missing",
    "json_type(1)": "number",
    "json_type(1.5)": "number",
    "json_type(n)": "null",
    "json_type(m)": MISSING,
    "is_number(1.5)": True,
    "is_number(true)": False,
    "is_number(m)": False,
    "is_string('')": True,
    "is_boolean(false)": True,
    "is_array(xs)": True,
    "is_object(xs)": False,
    "cast('42', 'integer')": 42,
    "cast('-4.7', 'integer')": -4,
    "cast(4.7, 'INTEGER')": 4,
    "cast(true, 'integer')": 1,
    "cast('9223372036854775808', 'integer')": MISSING,
    "cast('4 2', 'integer')": MISSING,
    "cast('１', 'integer')": MISSING,
    "cast('inf', 'float')": MISSING,
    "cast('1e3', 'float')": 1000.0,
    "cast(1, 'float')": 1.0,
    "cast(1, 'string')": "1",
    "cast([1], 'string')": "[1]",
    "cast('x', 'string')": "x",
    "cast(m, 'string')": MISSING,
    "cast('TRUE', 'boolean')": True,
    "cast(0, 'boolean')": False,
    "cast('yes', 'boolean')": MISSING,
    "cast(1, 'date')": MISSING,
    "cast(1, 2)": MISSING,
    "serialize_json(o)": '{"a":1,"b":2}',
    "serialize_json(m)": MISSING,
    "deserialize_json('[1, {\"a\": null}]')": [1, {"a": None}],
    "deserialize_json('{')": MISSING,
    "deserialize_json('NaN')": MISSING,
    "deserialize_json('[1e999]')": MISSING,
    "deserialize_json('9223372036854775808')": MISSING,
    "deserialize_json(5)": MISSING,
    "request_info().now_ms": NOW_MS,
}
ARRAYS = {
    "array_contains(xs, 3.0)": True,
    "array_contains(xs, null)": False,
    "array_contains(xs, [1])": True,
    "array_contains(xs, 'y')": False,
    "array_contains(xs, m)": MISSING,
    "array_contains(o, 1)": MISSING,
    "array_contains_null(xs)": True,
    "array_contains_null([1])": False,
    "array_length(xs)": 7,
    "array_length(o)": MISSING,
    "array_concat([1], [2], [])": [1, 2],
    "array_concat([1], 2)": MISSING,
    "array_distinct([1, 2, 1.0, '1', 2])": [1, 2, "1"],
    "array_sort(['b', 2, true, null, 'a'])": [True, 2, "a", "b", None],
}
OBJECTS = {
    "object_keys(o)": ["a", "b"],
    "object_values(o)": [1, 2],
    "object_length(o)": 2,
    "object_size({})": 0,
    "object_keys(xs)": MISSING,
    "object_set(o, 'c', 3)": {"a": 1, "b": 2, "c": 3},
    "object_set(o, 'a', null)": {"a": None, "b": 2},
    "object_set(o, 'a', m)": {"b": 2},
    "object_set(o, 1, 1)": MISSING,
    "object_unset(o, 'a', 'z')": {"b": 2},
    "object_unset(o, 1)": MISSING,
    "object_concat({'a': 1}, {'a': 2, 'b': 3})": {"a": 2, "b": 3},
    "object_concat(o, 1)": MISSING,
    "object_rename(o, 'a', 'c')": {"b": 2, "c": 1},
    "object_rename(o, 'a', 'b')": {"b": 1},
    "object_rename(o, 'a', 'a')": {"a": 1, "b": 2},
    "object_rename(o, 'z', 'c')": {"a": 1, "b": 2},
}
TABLES = {**UNKNOWNS, **TYPES, **ARRAYS, **OBJECTS}


@pytest.mark.parametrize("text", TABLES)
def test_it_gives(text: str) -> None:
    found = value_of(text, DOCUMENT)
    assert found == TABLES[text]
    assert type(found) is type(TABLES[text])


def test_an_array_too_long_is_missing() -> None:
    half = [0] * (ARRAY_ITEMS_MAX // 2 + 1)
    assert value_of("array_concat(:a, :a)", args={"a": half}) is MISSING


def test_json_deeper_than_any_document_is_missing() -> None:
    for levels, found in ((VALUE_DEPTH_MAX, True), (VALUE_DEPTH_MAX + 1, False), (100_000, False)):
        text = "[" * levels + "]" * levels
        value = value_of("deserialize_json(:json)", args={"json": text})
        assert (value is not MISSING) is found
