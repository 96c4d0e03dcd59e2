"""What a statement answered, as text: its columns, its cells, and what is said beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sync.local import Result

Items = Sequence[dict[str, Any]]

CELL_CHARS_MAX: Final = 60
"""A table shows this much of a value; JSON shows all of it."""
COLUMNS_MAX: Final = 24
"""More columns than this fit on no screen: the rest is counted below the table."""


def columns_of(items: Items) -> list[str]:
    """Every key of the items in the order of first sight, the id in front."""
    names = dict.fromkeys(name for item in items for name in item)
    return sorted(names, key=lambda name: name != "_id")


def plain(value: Any) -> str:
    """Text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cell(item: dict[str, Any], name: str, chars_max: int = CELL_CHARS_MAX) -> str:
    """A value on one line, cut to what a table shows; a missing one is blank."""
    if name not in item:
        return ""
    text = "".join(c if c.isprintable() else " " for c in plain(item[name]))
    return text if len(text) <= chars_max else text[: chars_max - 1] + "…"


def is_numeric(items: Items, name: str) -> bool:
    """Whether a column holds numbers alone: those stand on the right."""
    return all(_is_number(item[name]) for item in items if name in item)


def counted(count: int, noun: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def is_plan(items: Items) -> bool:
    """Whether this is what EXPLAIN or PROFILE answers."""
    return len(items) == 1 and {"plan", "text"} <= set(items[0])


def headline(result: Result) -> str:
    """How much a statement answered, or what it changed."""
    if result.commit_id is None:
        return f"{counted(len(result.items), 'row')}."
    changed = counted(len(result.mutated_ids), "document")
    return f"{changed} changed, commit {result.commit_id}."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
