"""The tables of docs/data.md, written from the types: `python -m datagen.dictionary`"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from app.domain.collections import COUNTER_FIELDS, SYNCED
from app.domain.documents import KINDS, About
from datagen.checks.inspect import REFERENCES, UNIQUE

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data.md"

MARK = "<!-- What follows is written by `python -m datagen.dictionary`. -->\n"


def page() -> str:
    """The whole page: what a person wrote above the mark, and the tables."""
    head, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    tables = ["\n".join(_section(name)) for name in KINDS]
    return f"{head}{mark}\n" + "\n\n".join(tables) + "\n"


def _section(name: str) -> Iterator[str]:
    kind = KINDS[name]
    synced = "synced" if name in SYNCED else "not synced"
    size = f"at most {kind.bytes_max:,} bytes a document"
    yield f"## {name}\n\n{kind.purpose} {synced.capitalize()}; {size}.\n"
    yield "| Field | Type | Meaning |\n| --- | --- | --- |"
    yield from _rows(name, kind.type, "")


def _rows(collection: str, kind: type, before: str) -> Iterator[str]:
    hints = get_type_hints(kind, include_extras=True)
    for field in dataclasses.fields(kind):
        path = before + field.name
        base, about = _parts(hints[field.name])
        optional = field.default is not dataclasses.MISSING
        facts = [
            about.text,
            *_facts(collection, path, about),
            *(["may be absent"] if optional else []),
        ]
        told = "; ".join(fact for fact in facts if fact).replace("|", "\\|")
        yield f"| `{path}` | {_type(base)} | {told} |"
        if dataclasses.is_dataclass(base) and isinstance(base, type):
            yield from _rows(collection, base, f"{path}.")


def _facts(collection: str, path: str, about: About) -> Iterator[str]:
    if path in REFERENCES.get(collection, {}):
        yield f"→ {REFERENCES[collection][path]}"
    if path in UNIQUE.get(collection, {}) or path == "_id":
        yield "unique"
    if (path,) in COUNTER_FIELDS.get(collection, set()):
        yield "**counter**"
    if about.least is not None or about.most is not None:
        low, high = ("" if each is None else f"{each:g}" for each in (about.least, about.most))
        yield f"{low}–{high}" if low and high else f"at least {low}" if low else f"at most {high}"
    if about.pattern:
        yield f"`{about.pattern}`"


def _parts(hint: Any) -> tuple[Any, About]:
    """A field's type and what is said about it, wherever in the hint it stands."""
    if get_origin(hint) is Annotated:
        base, about = get_args(hint)
        return base, about
    for part in get_args(hint):
        if get_origin(part) is Annotated:
            base, about = get_args(part)
            return base | None if type(None) in get_args(hint) else base, about
    return hint, About("")


def _type(hint: Any) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(_type(part) for part in get_args(hint))
    if get_origin(hint) is dict:
        return f"map of {_type(get_args(hint)[1])}"
    if get_origin(hint) is list:
        return f"array of {_type(get_args(hint)[0])}"
    names = {str: "text", int: "whole number", float: "number", bool: "flag", type(None): "null"}
    return names.get(hint, "map")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
