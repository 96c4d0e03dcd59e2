"""What a statement answered, printed: a table for people, JSON lines or CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.dql.answers import COLUMNS_MAX, Items, cell, columns_of, is_numeric, plain

Form = Literal["table", "json", "csv"]


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


def as_table(items: Items) -> Table:
    """A table for people. Numbers stand on the right; a missing value is a blank cell."""
    names = columns_of(items)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names[:COLUMNS_MAX]:
        side = "right" if is_numeric(items, name) else "left"
        table.add_column(Text(name), justify=side, overflow="fold")
    for item in items:
        cells = (
            Text(cell(item, name), style="dim" if item.get(name, "") is None else "")
            for name in names[:COLUMNS_MAX]
        )
        table.add_row(*cells)
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
