"""The syntax tree of DQL: what the parser makes of a statement. Pure values without behaviour.

``at`` is the offset in the statement's text where a node begins, for messages; it does not count
when two trees are compared. After ``binding`` every ``Field`` names the alias it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias

from sync.ids import Json

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal value."""

    value: Json


@dataclass(frozen=True, slots=True)
class Missing:
    """The keyword MISSING."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """``:name``: a value given beside the statement."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a document. As parsed, ``alias`` is empty and ``path`` may begin with one; bound,
    ``alias`` names the collection's alias. An empty path is the whole document."""

    alias: str
    path: Path
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """A name bound by ANY, EVERY, ARRAY or OBJECT around it."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """``base.key`` where the base is not a plain field."""

    base: Expr
    key: str


@dataclass(frozen=True, slots=True)
class Item:
    """``base[index]``: of an array by number, of a map by name."""

    base: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Unary:
    """``- + NOT`` before an operand."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    """``* / % + - || << >> = != < <= > >= AND XOR OR``; ``==`` and ``<>`` are read as these."""

    op: str
    left: Expr
    right: Expr
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Is:
    """``IS [NOT] NULL | MISSING | TRUE | FALSE``."""

    operand: Expr
    what: OneOf["null", "missing", "true", "false"]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """``[NOT] BETWEEN low AND high``, both ends included."""

    operand: Expr
    low: Expr
    high: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsIn:
    """``[NOT] IN items``: a list in parentheses is an ``ArrayOf``; else whatever is an array."""

    operand: Expr
    items: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InQuery:
    """``[NOT] IN (SELECT one_column …)``; the inner statement may use fields of the outer one."""

    operand: Expr
    select: Select
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """``EXISTS (SELECT …)``."""

    select: Select


@dataclass(frozen=True, slots=True)
class Like:
    """``[NOT] LIKE | ILIKE | SIMILAR TO pattern [ESCAPE c]``."""

    operand: Expr
    pattern: Expr
    kind: OneOf["like", "ilike", "similar"] = "like"
    escape: Expr | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """``CASE [operand] WHEN … THEN … [ELSE …] END``."""

    operand: Expr | None
    whens: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an aggregate, its name in lower case; ``star`` is ``COUNT(*)``."""

    name: str
    args: tuple[Expr, ...]
    distinct: bool = False
    star: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """``[a, b]``, or the ``(a, b)`` after IN."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """``{'name': value, …}``."""

    entries: tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True, slots=True)
class Quantified:
    """``ANY | EVERY | ANY AND EVERY variable IN | WITHIN source SATISFIES condition END``."""

    kind: OneOf["any", "every", "any and every"]
    variable: str
    source: Expr
    within: bool
    condition: Expr


@dataclass(frozen=True, slots=True)
class ArrayFor:
    """``ARRAY item FOR variable IN | WITHIN source [WHEN condition] END``."""

    item: Expr
    variable: str
    source: Expr
    within: bool
    when: Expr | None = None


@dataclass(frozen=True, slots=True)
class ObjectFor:
    """``OBJECT key : value FOR variable IN | WITHIN source [WHEN condition] END``."""

    key: Expr
    value: Expr
    variable: str
    source: Expr
    within: bool
    when: Expr | None = None


Expr: TypeAlias = (
    Constant
    | Missing
    | Parameter
    | Field
    | Variable
    | Member
    | Item
    | Unary
    | Binary
    | Is
    | Between
    | IsIn
    | InQuery
    | Exists
    | Like
    | Case
    | Call
    | ArrayOf
    | ObjectOf
    | Quantified
    | ArrayFor
    | ObjectFor
)


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


Statement: TypeAlias = Query | Explain
