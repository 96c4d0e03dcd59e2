"""Functions of arrays. What is no array makes them MISSING."""

from __future__ import annotations

from collections.abc import Hashable

from sync.query.caps import ARRAY_ITEMS_MAX
from sync.query.evaluate import MISSING, sort_key
from sync.query.functions.registry import Family
from sync.query.values import Value, equal, hashable

FAMILY = Family("Arrays")


@FAMILY.add(
    "array_contains(array, value)",
    "Whether an item equals the value; null equals none.",
    "array_contains(tags, 'new')",
)
def array_contains(array: Value, value: Value) -> Value:
    if not isinstance(array, list) or value is MISSING:
        return MISSING
    return any(equal(item, value) is True for item in array)


@FAMILY.add("array_contains_null(array)", "Whether an item is null.", "array_contains_null(tags)")
def array_contains_null(array: Value) -> Value:
    return any(item is None for item in array) if isinstance(array, list) else MISSING


@FAMILY.add("array_length(array)", "How many items.", "array_length(items)")
def array_length(array: Value) -> Value:
    return len(array) if isinstance(array, list) else MISSING


@FAMILY.add("array_concat(array, …)", "All items of all arrays.", "array_concat(tags, ['new'])")
def array_concat(*arrays: Value) -> Value:
    if not all(isinstance(array, list) for array in arrays):
        return MISSING
    if sum(map(len, arrays)) > ARRAY_ITEMS_MAX:
        return MISSING
    return [item for array in arrays for item in array]


@FAMILY.add(
    "array_distinct(array)",
    "The items without those that equal an earlier one.",
    "array_distinct(tags)",
)
def array_distinct(array: Value) -> Value:
    if not isinstance(array, list):
        return MISSING
    found: dict[Hashable, Value] = {}
    for item in array:
        found.setdefault(hashable(item), item)
    return list(found.values())


@FAMILY.add("array_sort(array)", "The items in the order of ORDER BY.", "array_sort(tags)")
def array_sort(array: Value) -> Value:
    return sorted(array, key=sort_key) if isinstance(array, list) else MISSING
