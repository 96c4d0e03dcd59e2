"""Statements written as text. How their expressions are written is given: ``write``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from sync.query.clauses import default_name
from sync.query.expressions import Constant, Expr
from sync.query.syntax import (
    Apply,
    Column,
    CreateIndex,
    DropIndex,
    Explain,
    ExplainSync,
    Insert,
    MissingColumn,
    Projection,
    Remove,
    Select,
    Sort,
    Source,
    Star,
    Update,
)
from sync.query.words import name_text, path_text, step_text, string_text

Write: TypeAlias = Callable[[Any], str]


def _select(node: Select, write: Write) -> str:
    joins = [
        f"{join.kind.upper()} JOIN {_source(join.source)} ON {write(join.on)}"
        for join in node.joins
    ]
    return _joined(
        "SELECT DISTINCT" if node.distinct else "SELECT",
        _projection(node.columns, write),
        f"FROM {_source(node.source, _ids(node.ids, write))}",
        *joins,
        _clause("WHERE", node.where, write),
        _listed("GROUP BY", node.group_by, write),
        _clause("HAVING", node.having, write),
        _ordered(node.order_by, write),
        _clause("LIMIT", node.limit, write),
        _clause("OFFSET", node.offset, write),
    )


def _source(source: Source, ids: str = "") -> str:
    name = name_text(source.name)
    if source.system:
        name = f"system:{source.name}"
    if source.types:
        types = ", ".join(f"{step_text(field)[1:]} {kind}" for field, kind in source.types)
        name = f"COLLECTION {name} ({types})"
    alias = "" if source.alias == source.name else f"AS {name_text(source.alias)}"
    index = "" if source.index is None else f"USE INDEX {string_text(source.index)}"
    return _joined(name, alias, ids, index)


def _ids(ids: tuple[Expr, ...] | None, write: Write) -> str:
    return "" if ids is None else _listed("USE IDS", ids, write)


def _projection(columns: Projection, write: Write) -> str:
    return ", ".join(
        [_column(column, position, write) for position, column in enumerate(columns, start=1)]
    )


def _column(column: Star | Column | MissingColumn, position: int, write: Write) -> str:
    if isinstance(column, Star):
        return "*" if column.alias is None else f"{name_text(column.alias)}.*"
    if isinstance(column, MissingColumn):
        return f"MISSING {write(column.field)}"
    if column.name == default_name(column.expr, position):
        return write(column.expr)
    return f"{write(column.expr)} AS {name_text(column.name)}"


def _ordered(terms: tuple[Sort, ...], write: Write) -> str:
    texts = [write(each.expr) + (" DESC" if each.descending else "") for each in terms]
    return f"ORDER BY {', '.join(texts)}" if texts else ""


_CONFLICTS: Final = {
    "fail": "",
    "nothing": "ON ID CONFLICT DO NOTHING",
    "update": "ON ID CONFLICT DO UPDATE",
    "update_local_diff": "ON ID CONFLICT DO UPDATE_LOCAL_DIFF",
}


def _insert(node: Insert, write: Write) -> str:
    documents = ", ".join(f"({write(each)})" for each in node.documents)
    return _joined(
        f"INSERT INTO {_source(node.source)}",
        "INITIAL" if node.initial else "",
        f"DOCUMENTS {documents}" if node.select is None else write(node.select),
        _CONFLICTS[node.on_conflict],
        _returning(node.returning, write),
    )


def _update(node: Update, write: Write) -> str:
    applies = ", ".join(_apply(each, write) for each in node.applies)
    sets = ", ".join(f"{path_text(path)} = {write(value)}" for path, value in node.sets)
    return _joined(
        f"UPDATE {_source(node.source, _ids(node.ids, write))}",
        f"APPLY {applies}" if applies else "",
        f"SET {sets}" if sets else "",
        f"UNSET {', '.join(map(path_text, node.unsets))}" if node.unsets else "",
        _clause("WHERE", node.where, write),
        _ordered(node.order_by, write),
        _clause("LIMIT", node.limit, write),
        _clause("OFFSET", node.offset, write),
        _returning(node.returning, write),
    )


def _apply(node: Apply, write: Write) -> str:
    path = path_text(node.path)
    if node.kind != "restart":
        return f"{path} {node.kind.upper()} BY {write(node.amount)}"
    if node.amount == Constant(0):
        return f"{path} RESTART"
    return f"{path} RESTART WITH {write(node.amount)}"


def _remove(node: Remove, write: Write) -> str:
    return _joined(
        f"{node.kind.upper()} FROM {_source(node.source, _ids(node.ids, write))}",
        _clause("WHERE", node.where, write),
        _clause("LIMIT", node.limit, write),
        _returning(node.returning, write),
    )


def _create_index(node: CreateIndex, write: Write) -> str:
    paths = ", ".join(path_text(path) + (" DESC" if down else "") for path, down in node.paths)
    return _joined(
        "CREATE INDEX",
        "IF NOT EXISTS" if node.if_not_exists else "",
        f"{name_text(node.name)} ON {_source(node.source)} ({paths})",
    )


def _drop_index(node: DropIndex, write: Write) -> str:
    name = f"{name_text(node.name)} ON {_source(node.source)}"
    return _joined("DROP INDEX", "IF EXISTS" if node.if_exists else "", name)


def _explain(node: Explain, write: Write) -> str:
    provision = "AND PROVISION" if node.provision else ""
    return _joined(node.kind.upper(), provision, write(node.query))


def _explain_sync(node: ExplainSync, write: Write) -> str:
    subject = f"EXPLAIN SYNC {name_text(node.collection)} {write(node.doc_id)}"
    return _joined(subject, _clause("ON", node.on, write))


def _clause(word: str, expr: Expr | None, write: Write) -> str:
    return "" if expr is None else f"{word} {write(expr)}"


def _listed(word: str, exprs: tuple[Expr, ...], write: Write) -> str:
    return f"{word} {', '.join(map(write, exprs))}" if exprs else ""


def _returning(columns: Projection | None, write: Write) -> str:
    return "" if columns is None else f"RETURNING {_projection(columns, write)}"


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


STATEMENTS: Final[dict[type, Callable[[Any, Write], str]]] = {
    Select: _select,
    Insert: _insert,
    Update: _update,
    Remove: _remove,
    CreateIndex: _create_index,
    DropIndex: _drop_index,
    Explain: _explain,
    ExplainSync: _explain_sync,
}
"""How each kind of statement is written."""
