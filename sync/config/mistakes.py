"""What pydantic finds wrong, as mistakes at lines of the file. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sync.config.tree import Loc, Tree
from sync.errors import Problem
from sync.query.errors import nearest, quoted

_PREFIXES = ("Value error, ", "Assertion failed, ")


def mistakes(tree: Tree, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """One for each that pydantic names; unknown keys with the known one they are nearest to."""
    found = error.errors(include_url=False, include_input=False)
    return [_mistake(tree, model, each["type"], each["loc"], each["msg"]) for each in found]


def _mistake(tree: Tree, model: type[BaseModel], kind: str, found: Loc, said: str) -> Problem:
    loc = tree.known(found)
    if kind == "extra_forbidden":
        known = list(_keys_at(model, loc[:-1]))
        near = nearest(str(loc[-1]), known)
        hint = f"did you mean {quoted(near)}?" if near else f"known are {', '.join(known)}."
        return tree.problem(tree.keys[loc], f"There is no key {quoted(str(loc[-1]))} here; {hint}")
    if kind == "missing":
        place = tree.keys.get(loc) or tree.place(loc)
        return tree.problem(place, f"The key {quoted(str(found[-1]))} is missing here.")
    return tree.problem(tree.place(loc), _sentence(said))


def _sentence(said: str) -> str:
    for prefix in _PREFIXES:
        said = said.removeprefix(prefix)
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "?", "!")) else f"{said}."


def _keys_at(model: type[BaseModel], loc: Loc) -> Iterator[str]:
    """The keys that may stand at a place, by the types of the model."""
    here: list[Any] = [model]
    for part in loc:
        here = [inner for each in here for inner in _below(each, part)]
    for each in here:
        if _is_model(each):
            yield from (info.alias or name for name, info in each.model_fields.items())


def _below(annotation: Any, part: str | int) -> Iterator[Any]:
    """What a value may be that stands under a key or position of another."""
    if _is_model(annotation):
        for name, info in annotation.model_fields.items():
            if part in (name, info.alias):
                yield from _members(info.annotation)
        return
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(origin, type) and arguments and issubclass(origin, Mapping | Sequence):
        yield from _members(arguments[1 if issubclass(origin, Mapping) else 0])


def _members(annotation: Any) -> Iterator[Any]:
    """A type, or what a union or ``Annotated`` is made of."""
    origin = get_origin(annotation)
    container = isinstance(origin, type) and issubclass(origin, Mapping | Sequence)
    if annotation is None or container or _is_model(annotation):
        yield annotation
    else:
        for each in get_args(annotation):
            yield from _members(each)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
