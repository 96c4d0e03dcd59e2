"""The syntax tree of DQL: what the parser makes of a statement. Pure values without behaviour.

Its expressions are those of ``sync.query.expressions``, named here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias

from sync.query.expressions import (
    ArrayFor,
    ArrayOf,
    Between,
    Binary,
    Call,
    Case,
    Constant,
    Exists,
    Expr,
    Field,
    InQuery,
    Is,
    IsIn,
    Item,
    Like,
    Member,
    Missing,
    ObjectFor,
    ObjectOf,
    Parameter,
    Path,
    Quantified,
    Unary,
    Variable,
)

__all__ = [
    "Apply",
    "ArrayFor",
    "ArrayOf",
    "Between",
    "Binary",
    "Call",
    "Case",
    "Column",
    "Constant",
    "CreateIndex",
    "DropIndex",
    "Exists",
    "Explain",
    "ExplainSync",
    "Expr",
    "Field",
    "InQuery",
    "Insert",
    "Is",
    "IsIn",
    "Item",
    "Join",
    "Like",
    "Member",
    "Missing",
    "MissingColumn",
    "ObjectFor",
    "ObjectOf",
    "Parameter",
    "Path",
    "Projection",
    "Quantified",
    "Query",
    "Remove",
    "Select",
    "Sort",
    "Source",
    "Star",
    "Statement",
    "Unary",
    "Update",
    "Variable",
]


@dataclass(frozen=True, slots=True)
class Source:
    """A collection in FROM, JOIN, INSERT …; ``alias`` is its name where none is given.

    ``system`` marks ``system:name``; ``types`` are the declared fields, such as REGISTER. ``index``
    is ``USE INDEX 'name'``: empty accepts a scan, None means nothing was said."""

    name: str
    alias: str
    types: tuple[tuple[str, str], ...] = ()
    system: bool = False
    index: str | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Star:
    """``*`` or ``alias.*``."""

    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """``expression [AS name]``. The parser names every column: by the last step of a plain field,
    otherwise ``($1)``, ``($2)`` … by position."""

    expr: Expr
    name: str


@dataclass(frozen=True, slots=True)
class MissingColumn:
    """``MISSING field``: with ``*``, everything but this field."""

    field: Field


Projection: TypeAlias = tuple[Star | Column | MissingColumn, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """``[INNER | LEFT | RIGHT] JOIN source ON condition``."""

    kind: OneOf["inner", "left", "right"]
    source: Source
    on: Expr


@dataclass(frozen=True, slots=True)
class Sort:
    """One term of ORDER BY."""

    expr: Expr
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """``SELECT``. ``ids`` are the expressions of USE IDS (of ``USE IDS LIST`` one, an array)."""

    columns: Projection
    source: Source
    distinct: bool = False
    ids: tuple[Expr, ...] | None = None
    joins: tuple[Join, ...] = ()
    where: Expr | None = None
    group_by: tuple[Expr, ...] = ()
    having: Expr | None = None
    order_by: tuple[Sort, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None


@dataclass(frozen=True, slots=True)
class Insert:
    """``INSERT INTO``: documents (each an object, or an array of objects), or a SELECT."""

    source: Source
    documents: tuple[Expr, ...] = ()
    select: Select | None = None
    initial: bool = False
    on_conflict: OneOf["fail", "nothing", "update", "update_local_diff"] = "fail"
    returning: Projection | None = None


@dataclass(frozen=True, slots=True)
class Apply:
    """``APPLY path INCREMENT BY n | RESTART [WITH n] | PN_INCREMENT BY n``; the amount of a bare
    RESTART is 0."""

    path: Path
    kind: OneOf["increment", "restart", "pn_increment"]
    amount: Expr


@dataclass(frozen=True, slots=True)
class Update:
    """``UPDATE``. Paths are without alias."""

    source: Source
    ids: tuple[Expr, ...] | None = None
    applies: tuple[Apply, ...] = ()
    sets: tuple[tuple[Path, Expr], ...] = ()
    unsets: tuple[Path, ...] = ()
    where: Expr | None = None
    order_by: tuple[Sort, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None
    returning: Projection | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """``DELETE`` (a tombstone everywhere) or ``EVICT`` (forget here, C6)."""

    kind: OneOf["delete", "evict"]
    source: Source
    ids: tuple[Expr, ...] | None = None
    where: Expr | None = None
    limit: Expr | None = None
    returning: Projection | None = None


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """``CREATE INDEX``; paths with whether they descend."""

    name: str
    source: Source
    paths: tuple[tuple[Path, bool], ...]
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropIndex:
    """``DROP INDEX``."""

    name: str
    source: Source
    if_exists: bool = False


Query: TypeAlias = Select | Insert | Update | Remove | CreateIndex | DropIndex


@dataclass(frozen=True, slots=True)
class Explain:
    """``EXPLAIN``, ``PROFILE``, ``ADVISE [AND PROVISION]`` before a statement."""

    kind: OneOf["explain", "profile", "advise"]
    query: Query
    provision: bool = False


@dataclass(frozen=True, slots=True)
class ExplainSync:
    """``EXPLAIN SYNC collection id [ON who]``: why a document is or is not at a device or person;
    without ``ON``, here."""

    collection: str
    doc_id: Expr
    on: Expr | None = None
    at: int = field(default=0, compare=False)


Statement: TypeAlias = Query | Explain | ExplainSync
