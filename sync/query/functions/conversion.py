"""What a value is, and the same value as another type."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final

from sync.core.values import VALUE_DEPTH_MAX, canonical
from sync.query.caps import TEXT_CHARS_MAX, is_small
from sync.query.evaluate import MISSING
from sync.query.functions.registry import Context, Family
from sync.query.values import Value, is_integer, is_number, storable

FAMILY = Family("Types and conversion")

_TYPES: Final[dict[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "float",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")


@FAMILY.add(
    "type(value)",
    "What it is: boolean, integer, float, string, array, object, null or missing.",
    "type(price)",
)
def type_of(value: Value) -> Value:
    return _TYPES.get(type(value), "missing")


@FAMILY.add(
    "json_type(value)",
    "What it is in JSON, which knows one kind of number: boolean, number, string, array, object "
    "or null; missing if it is missing.",
    "json_type(price)",
)
def json_type(value: Value) -> Value:
    if value is MISSING:
        return MISSING
    return "number" if is_number(value) else _TYPES[type(value)]


@FAMILY.add("is_number(value)", "Whether it is an integer or a float.", "is_number(price)")
def is_a_number(value: Value) -> Value:
    return is_number(value)


@FAMILY.add("is_string(value)", "Whether it is a text.", "is_string(name)")
def is_string(value: Value) -> Value:
    return isinstance(value, str)


@FAMILY.add("is_boolean(value)", "Whether it is true or false.", "is_boolean(deleted)")
def is_boolean(value: Value) -> Value:
    return isinstance(value, bool)


@FAMILY.add("is_array(value)", "Whether it is an array.", "is_array(tags)")
def is_array(value: Value) -> Value:
    return isinstance(value, list)


@FAMILY.add("is_object(value)", "Whether it is an object.", "is_object(location)")
def is_object(value: Value) -> Value:
    return isinstance(value, dict)


def _to_integer(value: Value) -> Value:
    number = _to_float(value) if isinstance(value, str) and not _is_whole(value) else value
    if isinstance(number, float):
        return storable(math.trunc(number)) if math.isfinite(number) else MISSING
    if isinstance(number, str):
        return storable(int(number)) if len(number) <= 20 else MISSING
    return int(number) if isinstance(number, bool) or is_integer(number) else MISSING


def _is_whole(text: str) -> bool:
    return re.fullmatch("[+-]?[0-9]+", text) is not None


def _to_float(value: Value) -> Value:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return storable(float(value))
    return storable(float(value)) if isinstance(value, int | float) else MISSING


def _to_text(value: Value) -> Value:
    return value if isinstance(value, str) else serialize_json(value)


def _to_boolean(value: Value) -> Value:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), MISSING)
    return value if isinstance(value, bool) else value != 0 if is_number(value) else MISSING


_CASTS: Final[dict[str, Callable[[Any], Value]]] = {
    **dict.fromkeys(("integer", "int"), _to_integer),
    **dict.fromkeys(("float", "double"), _to_float),
    **dict.fromkeys(("string", "text"), _to_text),
    **dict.fromkeys(("boolean", "bool"), _to_boolean),
}


@FAMILY.add(
    "cast(value, type)",
    "The value as 'integer' (cut towards zero), 'float', 'string' (JSON of what is no text) or "
    "'boolean'; missing if it cannot be read as one.",
    "cast('42', 'integer')",
)
def cast(value: Value, wanted: Value) -> Value:
    convert = _CASTS.get(wanted.lower()) if isinstance(wanted, str) else None
    return MISSING if convert is None else convert(value)


@FAMILY.add(
    "serialize_json(value)", "The value as JSON text, its keys sorted.", "serialize_json(location)"
)
def serialize_json(value: Value) -> Value:
    if value is MISSING or not is_small(value):
        return MISSING
    try:
        text = canonical(value)
    except (ValueError, TypeError, RecursionError):
        return MISSING
    return text if len(text) <= TEXT_CHARS_MAX else MISSING


@FAMILY.add(
    "deserialize_json(text)",
    "The value that a JSON text spells; missing if it is not JSON or too deep for a document.",
    "deserialize_json('[1, 2]')",
)
def deserialize_json(text: Value) -> Value:
    if not isinstance(text, str) or len(text) > TEXT_CHARS_MAX:
        return MISSING
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return MISSING
    return value if _is_storable(value, VALUE_DEPTH_MAX) else MISSING


def _refuse(name: str) -> Value:
    raise ValueError(name)


def _is_storable(value: Value, levels: int) -> bool:
    if isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
        return levels > 0 and all(_is_storable(each, levels - 1) for each in inner)
    return not is_number(value) or storable(value) is not MISSING


@FAMILY.add(
    "request_info()",
    "What is known of the statement that runs, as an object.",
    "request_info()",
    contextual=True,
)
def request_info(context: Context) -> Value:
    return {"now_ms": context.now_ms, **(context.request or {})}
