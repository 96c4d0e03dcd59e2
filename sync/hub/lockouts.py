"""Rules under which nobody could do what somebody has to: found before they are in force. Pure.

What can be told without looking at data: a condition that no document can ever meet, such as
``store_id = NULL``, and a collection that nobody may see.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from sync.hub.collections import COLLECTIONS
from sync.hub.permission_file import GrantEntry, PermissionFile
from sync.ids import Collection, Json
from sync.peer.rules import ALWAYS, NEVER
from sync.query.expressions import Binary, Constant, Expr, Field, Parameter
from sync.query.meaning import compile_expr
from sync.query.prepared import prepared
from sync.query.syntax import Exists, InQuery, Select
from sync.query.values import COMPARISONS
from sync.query.walk import nodes_in
from sync.query.words import name_text

Loc: TypeAlias = tuple[str | int, ...]
_CONDITIONS = ("read", "write", "create", "delete")


def lockouts(file: PermissionFile) -> Iterator[tuple[Loc, str]]:
    """Where a checked file locks people out, and whom."""
    for name, entries in file.collections.items():
        for i, entry in enumerate(entries):
            for loc, text in _conditions(entry):
                if not _can_hold(name, text, entry):
                    roles = " and ".join(entry.roles)
                    yield (
                        ("collections", name, i, *loc),
                        f"No document can meet this, so it locks {roles} out",
                    )
    unlimited = file.everything.roles or file.everything.users
    for name in COLLECTIONS:
        entries = file.collections.get(name, ())
        loc = ("collections", name) if name in file.collections else ("collections",)
        if not any(entry.read != NEVER for entry in entries):
            yield loc, f"No role may read {name}"
        elif not (unlimited or any(_may_write(entry) for entry in entries)):
            yield loc, f"Nobody at all may write {name}"


def _conditions(entry: GrantEntry) -> Iterator[tuple[Loc, str]]:
    for key in _CONDITIONS:
        if (text := getattr(entry, key)) is not None:
            yield (key,), text
    if entry.update is not None:
        for key in ("where", "before", "after"):
            yield ("update", key), getattr(entry.update, key)


def _may_write(entry: GrantEntry) -> bool:
    grant = entry.grant()
    return any(rule != NEVER for rule in (grant.create, grant.changed_to, grant.delete))


def _can_hold(name: str, text: str, entry: GrantEntry) -> bool:
    if text in (ALWAYS, NEVER):  # what is said outright is meant
        return True
    select = prepared(f"SELECT * FROM {name_text(Collection(name))} WHERE {text}").statement
    assert isinstance(select, Select)
    assert select.where is not None
    return any(_possible(select.where, role) for role in entry.roles)


def _possible(expr: Expr, role: str) -> bool:
    """Whether there can be a document for which an expression is true, as far as it shows."""
    match expr:
        case Binary("AND"):
            parts = list(_conjuncts(expr))
            return all(_possible(each, role) for each in parts) and not _contradicts(parts)
        case Binary("OR", left, right):
            return _possible(left, role) or _possible(right, role)
        case Binary(op, left, right) if op in COMPARISONS and Constant(None) in (left, right):
            return False
    if any(isinstance(node, Field | InQuery | Exists) for node in nodes_in(expr)):
        return True
    names = {node.name for node in nodes_in(expr) if isinstance(node, Parameter)}
    if names - {"$user.role"}:
        return True
    args: dict[str, Json] = dict.fromkeys(names, role)
    return compile_expr(expr, args)({}) is True


def _conjuncts(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, Binary) and expr.op == "AND":
        yield from _conjuncts(expr.left)
        yield from _conjuncts(expr.right)
    else:
        yield expr


def _contradicts(parts: list[Expr]) -> bool:
    """Whether one field would have to equal two values."""
    wanted: dict[Field, Expr] = {}
    for part in parts:
        if isinstance(part, Binary) and part.op == "=" and isinstance(part.left, Field):
            known = wanted.setdefault(part.left, part.right)
            if known != part.right and isinstance(known, Constant) and _is_constant(part.right):
                return True
    return False


def _is_constant(expr: Expr) -> bool:
    return isinstance(expr, Constant)
