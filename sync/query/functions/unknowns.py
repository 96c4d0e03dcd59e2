"""Functions that look at null and MISSING instead of passing them by."""

from __future__ import annotations

from sync.query.evaluate import MISSING
from sync.query.functions.registry import Family
from sync.query.values import Value, equal

FAMILY = Family("Null and missing")


@FAMILY.add(
    "coalesce(value, …)",
    "The first argument that is neither null nor missing; null if there is none.",
    "coalesce(deleted, false)",
    also=("ifmissingornull",),
)
def coalesce(*values: Value) -> Value:
    for value in values:
        if value is not None and value is not MISSING:
            return value
    return None


@FAMILY.add(
    "nvl(value, other)",
    "The value, or the other if it is null or missing.",
    "nvl(nickname, name)",
)
def nvl(value: Value, other: Value) -> Value:
    return other if value is None or value is MISSING else value


@FAMILY.add(
    "ifmissing(value, …)",
    "The first argument that is not missing.",
    "ifmissing(discount, 0)",
)
def ifmissing(*values: Value) -> Value:
    return next((value for value in values if value is not MISSING), MISSING)


@FAMILY.add("ifnull(value, …)", "The first argument that is not null.", "ifnull(discount, 0)")
def ifnull(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


@FAMILY.add("ismissing(value)", "Whether the value is missing.", "ismissing(discount)")
def ismissing(value: Value) -> Value:
    return value is MISSING


@FAMILY.add(
    "isnull(value)", "Whether the value is null; missing if it is missing.", "isnull(discount)"
)
def isnull(value: Value) -> Value:
    return MISSING if value is MISSING else value is None


@FAMILY.add(
    "ismissingornull(value)", "Whether the value is missing or null.", "ismissingornull(discount)"
)
def ismissingornull(value: Value) -> Value:
    return value is MISSING or value is None


@FAMILY.add(
    "nullif(value, other)", "Null if the two are equal, otherwise the value.", "nullif(code, '')"
)
def nullif(value: Value, other: Value) -> Value:
    return None if equal(value, other) is True else value


@FAMILY.add(
    "missingif(value, other)",
    "Missing if the two are equal, otherwise the value.",
    "missingif(code, '')",
)
def missingif(value: Value, other: Value) -> Value:
    return MISSING if equal(value, other) is True else value


@FAMILY.add(
    "decode(value, match, result, …)",
    "The result after the first match that equals the value (null and missing equal themselves); "
    "otherwise the last argument if it stands alone, or null.",
    "decode(status, 'p', 'paid', 'o', 'open', 'other')",
)
def decode(value: Value, *rest: Value) -> Value:
    for place in range(0, len(rest) - 1, 2):
        match = rest[place]
        if match is value or equal(value, match) is True:
            return rest[place + 1]
    return rest[-1] if len(rest) % 2 else None
