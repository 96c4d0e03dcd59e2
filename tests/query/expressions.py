"""Expressions of DQL in tests: from text to a value."""

from __future__ import annotations

from typing import Any

from sync.ids import Document, Json
from sync.query.binding import bind
from sync.query.meaning import Context, RunSelect, compile_expr
from sync.query.parser import parse
from sync.query.syntax import Column, Expr, Select

NOW_MS = 1_795_200_000_000
"""2026-11-20T18:40:00Z."""


def expression(text: str) -> Expr:
    """The bound expression; its fields are those of a document with the alias ``t``."""
    select = bind(parse(f"SELECT ({text}) AS x FROM t"))
    assert isinstance(select, Select)
    (column,) = select.columns
    assert isinstance(column, Column)
    return column.expr


def value_of(
    text: str,
    document: Document | None = None,
    args: dict[str, Json] | None = None,
    run_select: RunSelect | None = None,
) -> Any:
    """The value of an expression for one document."""
    context = Context(now_ms=NOW_MS)
    expr = expression(text)
    return compile_expr(expr, args or {}, run_select=run_select, context=context)({"t": document})
