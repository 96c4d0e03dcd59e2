"""Paths of fields as MongoDB names them, walked in documents as the driver decodes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from sync.connector.events import Bson, BsonDocument, Description, Steps
from sync.connector.values import MISSING
from sync.ids import Json

Path: TypeAlias = tuple[str, ...]

NAMES_MAX = 4_096
"""Paths whose names are kept: more than all the fields of a shop."""


def steps_of(document: BsonDocument, dotted: str, told: Mapping[str, Steps] | None) -> Steps:
    """What a dotted path means in this document: where the server did not say, a number is a place
    where an array is, and dots belong to a name where a field is named so."""
    if told is not None and dotted in told:
        return told[dotted]
    if "." not in dotted:
        return (dotted,)
    names = dotted.split(".")
    steps: list[str | int] = []
    node: Bson = document
    start = 0
    while start < len(names):
        if isinstance(node, list) and names[start].isdecimal():
            step: str | int = int(names[start])
            end = start + 1
        else:
            step, end = _name_at(node, names, start)
        steps.append(step)
        node, start = _below(node, step), end
    return tuple(steps)


def _name_at(node: Bson, names: list[str], start: int) -> tuple[str, int]:
    """The field that begins at ``start``, and where the next one does."""
    if isinstance(node, dict) and names[start] not in node:
        for end in range(len(names), start + 1, -1):
            name = ".".join(names[start:end])
            if name in node:
                return name, end
    return names[start], start + 1


def _below(node: Bson, step: str | int) -> Bson:
    if isinstance(step, int):
        return node[step] if isinstance(node, list) and step < len(node) else MISSING
    return node.get(step, MISSING) if isinstance(node, dict) else MISSING


def register_of(steps: Steps) -> Path:
    """The field that changes as a whole when something at ``steps`` does: an array is one (C2)."""
    names: list[str] = []
    for step in steps:
        if type(step) is int:
            break
        names.append(str(step))
    return tuple(names)


def value_at(document: Any, path: Path) -> Any:
    """The value at a path of fields, or ``MISSING``."""
    for name in path:
        if not isinstance(document, dict):
            return MISSING
        document = document.get(name, MISSING)
    return document


def walked(document: BsonDocument, description: Description) -> dict[str, Steps]:
    """What each path of an update means in a document as it was before."""
    names = [*description.updated, *description.removed]
    if description.truncated:
        names += [name for name, _ in description.truncated]
    return {name: steps_of(document, name, description.steps) for name in names}


def apply(document: BsonDocument, description: Description, steps: Mapping[str, Steps]) -> None:
    """Change a document as an update did, whose paths mean ``steps``."""
    for dotted in description.removed:
        _remove(document, steps[dotted])
    for dotted, size in description.truncated:
        array = _holder(document, (*steps[dotted], 0))
        if isinstance(array, list):
            del array[size:]
    for dotted, value in description.updated.items():
        _put(document, steps[dotted], value)


def registers(steps: Iterable[Steps]) -> list[Path]:
    """The fields that change as a whole when something at any of these steps does."""
    found = dict.fromkeys(map(register_of, steps))
    return [path for path in found if not any(path[:n] in found for n in range(1, len(path)))]


@lru_cache(NAMES_MAX)
def dotted_path(path: Path) -> str | None:
    """A path as an update names it; None where it cannot (dots, dollars and nothing in names)."""
    if any(not name or "." in name or name.startswith("$") for name in path):
        return None
    return ".".join(path)


def put(document: dict[str, Json], path: Path, value: Json) -> None:
    """Set a field of a plain document, making the maps above it."""
    _put(document, path, value)


def remove(document: dict[str, Json], path: Path) -> None:
    """Remove a field of a plain document."""
    _remove(document, path)


def _holder(document: BsonDocument, steps: Steps) -> Bson:
    node: Bson = document
    for step in steps[:-1]:
        inner = _below(node, step)
        if not isinstance(inner, dict | list):
            inner = {}
            _store(node, step, inner)
        node = inner
    return node


def _put(document: BsonDocument, steps: Steps, value: Bson) -> None:
    _store(_holder(document, steps), steps[-1], value)


def _store(node: Bson, step: str | int, value: Bson) -> None:
    if isinstance(node, list) and isinstance(step, int):
        node.extend([None] * (step + 1 - len(node)))
        node[step] = value
    elif isinstance(node, dict):
        node[str(step)] = value


def _remove(document: BsonDocument, steps: Steps) -> None:
    node: Bson = document
    for step in steps[:-1]:
        node = _below(node, step)
    last = steps[-1]
    if isinstance(node, dict):
        node.pop(str(last), None)
    elif isinstance(node, list) and isinstance(last, int) and last < len(node):
        node[last] = None
