"""Functions of objects; none changes the object it is given. What is no object makes them
MISSING. Keys and values come in the order of the keys."""

from __future__ import annotations

from sync.query.caps import ARRAY_ITEMS_MAX
from sync.query.evaluate import MISSING
from sync.query.functions.registry import Family
from sync.query.values import Value

FAMILY = Family("Objects")


@FAMILY.add("object_keys(object)", "Its keys, sorted.", "object_keys(location)")
def object_keys(held: Value) -> Value:
    return sorted(held) if isinstance(held, dict) else MISSING


@FAMILY.add("object_values(object)", "Its values, in the order of keys.", "object_values(location)")
def object_values(held: Value) -> Value:
    return [held[key] for key in sorted(held)] if isinstance(held, dict) else MISSING


@FAMILY.add(
    "object_length(object)", "How many keys.", "object_length(location)", also=("object_size",)
)
def object_length(held: Value) -> Value:
    return len(held) if isinstance(held, dict) else MISSING


@FAMILY.add(
    "object_set(object, key, value)",
    "With this value under the key; without the key if the value is missing.",
    "object_set(location, 'bin', '7')",
)
def object_set(held: Value, key: Value, value: Value) -> Value:
    if not isinstance(held, dict) or not isinstance(key, str):
        return MISSING
    rest = {name: each for name, each in held.items() if name != key}
    return rest if value is MISSING else rest | {key: value}


@FAMILY.add("object_unset(object, key, …)", "Without these keys.", "object_unset(location, 'bin')")
def object_unset(held: Value, *keys: Value) -> Value:
    if not isinstance(held, dict) or not all(isinstance(key, str) for key in keys):
        return MISSING
    return {name: each for name, each in held.items() if name not in keys}


@FAMILY.add(
    "object_concat(object, …)",
    "All keys of all objects; of two with one key the later counts.",
    "object_concat(defaults, options)",
)
def object_concat(*objects: Value) -> Value:
    if not all(isinstance(held, dict) for held in objects):
        return MISSING
    joined: dict[str, Value] = {}
    for held in objects:
        joined.update(held)
    return joined if len(joined) <= ARRAY_ITEMS_MAX else MISSING


@FAMILY.add(
    "object_rename(object, key, name)",
    "With another name for a key; as it is if it has no such key.",
    "object_rename(location, 'bin', 'box')",
)
def object_rename(held: Value, key: Value, name: Value) -> Value:
    if not isinstance(held, dict) or not isinstance(key, str) or not isinstance(name, str):
        return MISSING
    if key not in held:
        return held
    rest = {each: value for each, value in held.items() if each not in (key, name)}
    return rest | {name: held[key]}
