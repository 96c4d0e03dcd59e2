"""What a statement answered, as text: a table for people, JSON lines or CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Form = Literal["table", "json", "csv"]
Items = Sequence[dict[str, Any]]

CELL_CHARS_MAX = 60
"""A table shows this much of a value; the other forms show all of it."""
COLUMNS_MAX = 24
"""More columns than this fit on no screen: the rest is counted below the table."""


def columns_of(items: Items) -> list[str]:
    """Every key of the items in the order of first sight, the id in front."""
    names = dict.fromkeys(name for item in items for name in item)
    return sorted(names, key=lambda name: name != "_id")


def as_json_lines(items: Items) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)


def as_csv(items: Items) -> str:
    """A header and a line for each item. Missing values are empty, null is ``null``, and arrays,
    objects and booleans stand as JSON."""
    names = columns_of(items)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if names:
        writer.writerow(names)
    for item in items:
        writer.writerow([plain(item[name]) if name in item else "" for name in names])
    return text.getvalue()


def plain(value: Any) -> str:
    """Text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_table(items: Items) -> Table:
    """A table for people. Numbers stand on the right; a missing value is a blank cell."""
    names = columns_of(items)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names[:COLUMNS_MAX]:
        numeric = all(_is_number(item.get(name)) for item in items if name in item)
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for item in items:
        table.add_row(*(_cell(item, name) for name in names[:COLUMNS_MAX]))
    if len(names) > COLUMNS_MAX:
        table.caption = f"{len(names) - COLUMNS_MAX} more columns: name the ones you want."
    return table


def show(items: Items, form: Form, console: Console) -> None:
    """Print the items in one of the forms."""
    if form == "table":
        if columns_of(items):
            console.print(as_table(items))
        return
    text = as_json_lines(items) if form == "json" else as_csv(items)
    console.file.write(text)
    console.file.flush()


def _cell(item: dict[str, Any], name: str) -> Text:
    if name not in item:
        return Text("")
    value = item[name]
    text = "".join(c if c.isprintable() else " " for c in plain(value))
    short = text if len(text) <= CELL_CHARS_MAX else text[: CELL_CHARS_MAX - 1] + "…"
    return Text(short, style="dim" if value is None else "")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
