"""Which collections a statement names, whether they are known, and whether it may write them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

from sync.query.errors import StatementInvalid, UnknownCollection, nearest, quoted
from sync.query.expressions import Constant
from sync.query.syntax import CreateIndex, DropIndex, ExplainSync, Insert, Source, Statement

OURS: Final = "__"
"""Collections whose names begin so belong to the engine."""


def check_collections(statement: Statement, known: Collection[str], text: str = "") -> None:
    """Raise ``UnknownCollection`` for one that is not among the ``known``; ``system:`` ones are,
    and INSERT and CREATE INDEX may name a new one."""
    if isinstance(statement, ExplainSync):
        _check(statement.collection, statement.at, known, text)
    for source in sources_read(statement):
        _check(source.name, source.at, known, text)


def check_writable(source: Source, text: str = "") -> None:
    """Raise ``StatementInvalid`` for a collection that statements cannot change."""
    name = f"system:{source.name}" if source.system else source.name
    if source.system or name.startswith(OURS):
        raise StatementInvalid(f"{quoted(name)} can only be read.", text, source.at)


def sources_read(tree: Any) -> Iterator[Source]:
    """Every collection that a statement reads or changes, those of SELECTs within too, but for the
    ``system:`` ones and those that it may be the first to name."""
    if isinstance(tree, Source):
        if not tree.system:
            yield tree
    elif isinstance(tree, tuple):
        for part in tree:
            yield from sources_read(part)
    elif isinstance(tree, Insert):
        yield from sources_read(tree.select)
    elif is_dataclass(tree) and not isinstance(tree, Constant | CreateIndex | DropIndex):
        for each in fields(tree):
            yield from sources_read(getattr(tree, each.name))


def _check(name: str, at: int, known: Collection[str], text: str) -> None:
    if name in known:
        return
    near = nearest(name, known)
    message = f"There is no collection {quoted(name)}"
    message += f"; did you mean {near}?" if near else "."
    raise UnknownCollection(message, text, at, expected=sorted(known), nearest=near)
