"""From rows to results: the columns of a SELECT, and DISTINCT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sync.ids import Document
from sync.query.evaluate import MISSING
from sync.query.meaning import Compiled, Row
from sync.query.nodes import Path
from sync.query.syntax import Column, Expr, MissingColumn, Projection, Star
from sync.query.values import hashable


def projector(
    columns: Projection, aliases: tuple[str, ...], of: Callable[[Expr], Compiled]
) -> Callable[[Row], Document]:
    """What makes a result of a row. MISSING values leave no key."""
    if columns == (Star(),) and len(aliases) == 1:
        (alias,) = aliases
        return lambda row: {} if row[alias] is None else dict(row[alias])
    steps = [_step(column, aliases, of) for column in columns]

    def project(row: Row) -> Document:
        result: Document = {}
        for step in steps:
            step(row, result)
        return result

    return project


def _step(
    column: Star | Column | MissingColumn, aliases: tuple[str, ...], of: Callable[[Expr], Compiled]
) -> Callable[[Row, Document], None]:
    if isinstance(column, Column):
        name, value = column.name, of(column.expr)

        def put(row: Row, result: Document) -> None:
            found = value(row)
            if found is not MISSING:
                result[name] = copied(found)

        return put
    if isinstance(column, MissingColumn):
        path = column.field.path
        if len(aliases) > 1 and column.field.alias:
            path = (column.field.alias, *path)
        return lambda _, result: _without(result, path)
    whole = column.alias is None and len(aliases) > 1

    def spread(row: Row, result: Document) -> None:
        for alias in aliases if column.alias is None else (column.alias,):
            document = row[alias]
            if document is not None:
                result.update({alias: copied(document)} if whole else copied(document))

    return spread


def _without(result: Document, path: Path) -> None:
    """Take a field out of a result, which owns all its values."""
    holder: Any = result
    for step in path[:-1]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    if isinstance(holder, dict):
        holder.pop(path[-1], None)


def copied(value: Any) -> Any:
    """A copy of a JSON value: rows share documents, results share nothing."""
    if isinstance(value, dict):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def distinct(results: Iterable[Document]) -> Iterator[Document]:
    """Each result once; the first of equal ones stays."""
    seen: set[Any] = set()
    for result in results:
        key = hashable(result)
        if key not in seen:
            seen.add(key)
            yield result
